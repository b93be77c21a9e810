"""Generated classes and the runtime against a small fake server: what a real one cannot be made to do on demand."""
