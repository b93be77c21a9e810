"""Mistakes with a ComfyUI server: a type checker reports each line that ends with `wrong`, and no other."""

from pathlib import Path

from generated import ComfyCannyEdit, ComfyTextToImage, GrainStudy, Poster

from flowbind.comfyui import AsyncComfyUI, Audio, ComfyUI, Image

picture = ComfyTextToImage()

with ComfyUI() as server:
    server.run("picture")  # wrong
    server.run(ComfyTextToImage)  # wrong
    server.run(Poster())  # wrong
    server.run(GrainStudy())  # wrong
    server.submit(Poster())  # wrong
    server.submit_many([Poster()])  # wrong
    server.run_many([GrainStudy()])  # wrong
    server.run_many(picture)  # wrong
    server.run(picture, only="picture", before=True)  # wrong
    server.run(picture, only=[7])  # wrong
    server.run(picture, timeout="60")  # wrong
    result = server.run(picture)
    print(result.outputs.image)  # wrong
    single: Image = result.outputs.picture  # wrong
    result.outputs.picture.save("a.png")  # wrong
    sound: Audio = result.outputs.picture[0]  # wrong
    text: str = result.outputs.picture[0].save("a.png")  # wrong
    print(server.run(ComfyCannyEdit()).outputs.edge)  # wrong
    print(server.submit(picture).outputs)  # wrong
    print(server.submit(picture).item_ids)  # wrong
    print([event.result for event in server.submit(picture).events()])  # wrong
    print([outcome.outputs for outcome in server.run_many([picture])])  # wrong
    print(server.submit_many([picture]).batch_ids)  # wrong
    server.queue.job(Poster, "7")  # wrong
    server.queue.job(picture, "7")  # wrong
    server.queue.job(ComfyTextToImage, 7)  # wrong
    server.files.upload("a.png")  # wrong
    server.files.upload(b"a", folder="outbox")  # wrong
    server.files.upload(b"a", Path)  # wrong
    server.history.list("5")  # wrong
    server.models.list()  # wrong
    server.boards.list()  # wrong
ComfyUI(previews="large")  # wrong
ComfyUI(check="maybe")  # wrong
ComfyUI(email="a@example.org")  # wrong
ComfyUI.from_env(key="a")  # wrong


async def forgotten() -> Path:
    """The result is not awaited."""
    async with AsyncComfyUI() as server:
        await server.run(Poster())  # wrong
        print(server.run(picture).outputs)  # wrong
        print((await server.submit(picture)).wait().outputs)  # wrong
        print(list(server.run_many([picture])))  # wrong
        print(server.submit_many([picture]).item_ids)  # wrong
        return server.files.save("a.png", "out")  # wrong
