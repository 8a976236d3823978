"""Draws Kinetone's panels without a window: onto a layout that takes only what Blender's takes."""

from types import SimpleNamespace

import bpy

LARGEST = 2**31 - 1


class Layout:
    """Stands for bpy.types.UILayout; remembers what it was told to say."""

    def __init__(self, said=None):
        self.said = [] if said is None else said

    def _inner(self, *_, **__):
        return Layout(self.said)

    row = column = box = split = _inner

    def separator(self, **_):
        pass

    def label(self, text="", icon="NONE"):
        text.encode()
        assert icon in bpy.types.UILayout.bl_rna.functions["label"].parameters["icon"].enum_items.keys()  # noqa: SIM118
        self.said.append(text)

    def prop(self, data, name, **_):
        assert name in data.bl_rna.properties

    def progress(self, factor, text):
        assert 0 <= factor <= 1
        self.said.append(text)

    def menu(self, name, **_):
        assert hasattr(bpy.types, name)

    def operator(self, name, text=None, icon="NONE", translate=True, depress=False):
        group, _, operator = name.partition(".")
        kind = getattr(getattr(bpy.ops, group), operator).get_rna_type()
        if text is not None:
            self.label(text, icon)
        return Properties(kind)


class Properties:
    """Stands for an operator's properties: refuses what Blender refuses."""

    def __init__(self, kind):
        object.__setattr__(self, "kind", kind)

    def __setattr__(self, name, value):
        prop = self.kind.properties[name]
        if prop.type == "INT":
            assert isinstance(value, int)
            assert abs(value) <= LARGEST
        elif prop.type == "ENUM":
            assert value in prop.enum_items.keys()  # noqa: SIM118
        else:
            assert isinstance(value, str)
            value.encode()


def draw(addon):
    """Poll and draw every panel and menu as the sidebar does; returns what they say."""
    layout, context = Layout(), _Context()
    for module in addon("blender_addon.panels").MODULES:
        for name, cls in vars(module).items():
            ours = name.startswith(("KINETONE_PT_", "KINETONE_MT_")) and cls.__module__ == module.__name__
            if ours and (not hasattr(cls, "poll") or cls.poll(context)):
                cls.draw(_Self(layout, cls), context)
    return layout.said


class _Self:
    """A panel that is being drawn."""

    def __init__(self, layout, cls):
        self.layout, self.bl_label = layout, cls.bl_label


class _Context:
    """Blender's context, with a sidebar to draw in."""

    region = SimpleNamespace(width=280)
    preferences = SimpleNamespace(system=SimpleNamespace(ui_scale=1.0))

    def __getattr__(self, name):
        return getattr(bpy.context, name)
