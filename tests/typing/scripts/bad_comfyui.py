"""Mistakes with a ComfyUI workflow: a type checker reports each line that ends with `wrong`, and no other."""

from drawn_in_comfyui import Portrait

from flowbind.comfyui import RANDOM, Audio, File, Image, dynamic

portrait = Portrait(photo="a.png")
Portrait()  # wrong
Portrait("a.png")  # wrong
Portrait(photo=7)  # wrong
Portrait(photo=None)  # wrong
Portrait(photo=Audio("a.mp3"))  # wrong
Portrait(photo="a.png", promt="a kite")  # wrong
Portrait(photo="a.png", prompt=b"a kite")  # wrong
Portrait(photo="a.png", seed="random")  # wrong
Portrait(photo="a.png", seed=1.5)  # wrong
Portrait(photo="a.png", cfg=RANDOM)  # wrong
Portrait(photo="a.png", sampler="eule")  # wrong
Portrait(photo="a.png", colours=[7])  # wrong
Portrait(photo="a.png", notes=Image("a.png"))  # wrong
portrait.photo = File("a.png")  # wrong
portrait.seed = None  # wrong
portrait.sampler = "eule"  # wrong
portrait.promt = "a kite"  # wrong
Image("a.png", type="outbox")  # wrong
Image("a.png").filename = "b.png"  # wrong
dynamic(7)  # wrong
