"""Mistakes about pictures on this machine, each on a line of its own."""

from flowbind import invokeai, pictures


def mistakes(video: invokeai.Video, server: invokeai.AsyncInvokeAI) -> None:
    pictures.check(3)  # wrong
    pictures.check(video)  # wrong
    pictures.check(server.images.open("a.png"))  # wrong
    print(pictures.check("a.png").size)  # wrong
    pictures.fit("a.png", 512)  # wrong
    pictures.fit("a.png", 512, "512")  # wrong
    pictures.fit("a.png", 512, 512, background=0)  # wrong
    pictures.compare("a.png")  # wrong
    pictures.compare("a.png", "b.png").ssim + 1  # wrong
