# Says what `make demo` will do and download, before it does. The argument is the address of a running server, or empty.

url=$1
cache=${FLOWBIND_CACHE:-${XDG_CACHE_HOME:-~/.cache}/flowbind}
cat <<END
make demo
  1. makes a virtual environment in .venv (about 70 MB) and installs flowbind and its generator into it;
  2. generates a typed class for each workflow in workflows/;
END
if [ -n "$url" ]; then
    cat <<END
  3. runs a workflow that needs no model on the InvokeAI at $url;
  4. saves the picture in outputs/.
END
else
    cat <<END
  3. installs a throwaway InvokeAI, once, into $cache:
     about 2 GB and 2 minutes; where pip finds a CUDA build of torch about 6 GB; it needs Python 3.11 or 3.12;
  4. starts it on the CPU with a tiny test model, runs two workflows on it, and stops it;
  5. saves the pictures in outputs/.
To use a server that is running already, which needs no such download:
  make demo INVOKEAI_URL=http://127.0.0.1:9090
END
fi
echo
