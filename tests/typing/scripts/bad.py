"""Mistakes: a type checker reports each line that ends with `wrong`, and no other."""

from pathlib import Path

from generated import ContactSheet, GrainStudy, ImageToImageSd15, Poster, TextToImageSd15

from flowbind import grid, random_seeds, zipped
from flowbind.comfyui import Audio
from flowbind.invokeai import RANDOM, AsyncInvokeAI, Color, Image, InvokeAI

poster = Poster(width=640, blur_type="gaussian")
Poster(blur_type="motion")  # wrong
Poster(widht=640)  # wrong
Poster(width="640")  # wrong
Poster(width=None)  # wrong
Poster(sky_colour="red")  # wrong
Poster(640)  # wrong
Color("red", 0, 0)  # wrong
ImageToImageSd15(model="Dreamshaper 8")  # wrong
ImageToImageSd15(source_image=7, model="Dreamshaper 8")  # wrong
ImageToImageSd15(source_image=Audio("a.mp3"), model="Dreamshaper 8")  # wrong
TextToImageSd15(scheduler="eulr")  # wrong
TextToImageSd15(steps=RANDOM)  # wrong
TextToImageSd15(seed="random")  # wrong
poster.width = RANDOM  # wrong
poster.grain = "much"  # wrong
poster.blur_type = "motion"  # wrong
poster.widht = 640  # wrong

posters: list[Poster] = grid(poster, grain_seed=[1, 2])
studies: list[GrainStudy] = zipped(poster, grain_seed=[1, 2])  # wrong
grid(Poster, grain_seed=[1, 2])  # wrong
grid(poster, grain_seed=7)  # wrong
grid(poster, grain_seed=random_seeds("7"))  # wrong

study = GrainStudy(amounts=[0.1, 0.2], seeds=[7])
GrainStudy(amounts=0.1)  # wrong
GrainStudy(amounts=["0.1"])  # wrong
GrainStudy(seeds=[1.5])  # wrong
GrainStudy(seeds=[None])  # wrong
GrainStudy(seeds=7)  # wrong
GrainStudy(seed=[7])  # wrong
study.seeds = [0.5]  # wrong
study.seeds.append("7")  # wrong
study.softness = 2.5  # wrong

with InvokeAI() as server:
    server.run("poster")  # wrong
    server.run(Poster)  # wrong
    result = server.run(poster)
    print(result.outputs.picture)  # wrong
    frames: list[Image] = result.outputs.image  # wrong
    text: str = result.outputs.image.save("a.png")  # wrong
    picture: Image = server.run(ContactSheet()).outputs.frame  # wrong
    server.run(ContactSheet()).outputs.frame.save("a.png")  # wrong
    server.images.upload("a.png")  # wrong
    print(server.submit(poster).outputs)  # wrong
    print(server.run(study).outputs)  # wrong
    print(server.run(study)[0].outputs.image)  # wrong
    single: Image = server.submit(study).wait().outputs.sample  # wrong
    print(server.submit(study).item_id)  # wrong
    print(server.submit(poster).item_ids)  # wrong
    server.request("GET", "/", params=[1])  # wrong
    server.queue.job(poster, 7)  # wrong
    print(server.queue.batch_job(GrainStudy, "one").wait()[0].outputs.image)  # wrong
    print(server.queue.batch_job(Poster, "one").wait()[0].outputs)  # wrong
    server.run_many(poster)  # wrong
    server.run_many([Poster])  # wrong
    print([outcome.outputs for outcome in server.run_many([poster])])  # wrong
    print([outcome.outputs for outcome in server.submit_many([study]).wait() if isinstance(outcome, list)])  # wrong
    print(server.boards.list()[0].name)  # wrong
    print(list(server.images.list(stared=True)))  # wrong
    print(server.images.update("a.png", category="picture"))  # wrong
    print(server.images.upload("a.png"))  # wrong
    print(server.models.install())  # wrong
    print(server.models.find("a").bases)  # wrong
    print(server.quick.text_to_image("a lighthouse", width="64"))  # wrong
    print(server.quick.txt2img("a lighthouse"))  # wrong
    print(server.queue.retry("7"))  # wrong
InvokeAI.from_env(mail="a@example.org")  # wrong
InvokeAI(verify=1.0)  # wrong


async def forgotten() -> Path:
    """The result is not awaited."""
    async with AsyncInvokeAI() as server:
        print(server.run(study)[0])  # wrong
        print((await server.submit(study)).wait()[0])  # wrong
        print((await server.run(study)).outputs)  # wrong
        print(list(server.run_many([poster])))  # wrong
        print(list(server.images.list()))  # wrong
        print((server.boards.list())[0])  # wrong
        print(server.submit_many([poster]).batch_ids)  # wrong
        return await server.images.save(server.run(poster).outputs.image, "out")  # wrong
