# Runs workflows on the server INVOKEAI_URL with the command FLOWBIND; the argument is `throwaway` or `running`.

set -eu

# Standard output of `flowbind run` is the path alone, so that scripts can use it.
run() {
    printf '    flowbind run'
    for word; do
        case $word in
            *' '*) printf ' "%s"' "$word" ;;
            *) printf ' %s' "$word" ;;
        esac
    done
    echo
    picture=$("$FLOWBIND" run "$@")
    echo "    The picture: $picture"
}

echo
echo "==> Running a workflow that needs no model"
run poster --set grain=0.1
echo
if [ "$1" = throwaway ]; then
    echo "==> Running text to image with the tiny test model"
    echo "    Its weights are random, so the picture is noise: the point is the way from prompt to picture."
    run text_to_image_sd15 --set "positive_prompt=a lighthouse at dusk" --set "model=Tiny SD 1.5" \
        --set width=128 --set height=128 --set steps=4
    echo
    echo "==> Done"
else
    echo "==> Done. With a Stable Diffusion 1.5 model of yours:"
    echo "    $FLOWBIND run text_to_image_sd15 --url $INVOKEAI_URL --set \"model=NAME OF THE MODEL\""
fi
