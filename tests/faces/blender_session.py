"""What an animator does, as a script of Blender's Python: search, import, look. Prints JSON of what is there then.

Arguments: the add-on's file, the server's address, a token or "-".
"""

import importlib.util
import json
import os
import sys
import traceback

import bpy


def load(path):
    spec = importlib.util.spec_from_file_location("chronomotion_addon", path)
    addon = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(addon)
    return addon


def refusal(operator):
    try:
        operator()
    except RuntimeError as error:
        return str(error).strip()
    return ""


def heads(armature, frame):
    bpy.context.scene.frame_set(frame)
    return {bone.name: list(armature.matrix_world @ bone.head) for bone in armature.pose.bones}


def import_selected():
    bpy.ops.chronomotion.import_hit()
    scene, armature = bpy.context.scene, bpy.context.view_layer.objects.active
    ends = (scene.frame_start, scene.frame_end)
    return {
        "name": armature.name,
        "range": ends,
        "fps": scene.render.fps / scene.render.fps_base,
        "markers": {marker.name: marker.frame for marker in scene.timeline_markers},
        "heads": [heads(armature, frame) for frame in ends],
        "armatures": sorted(other.name for other in bpy.data.objects if other.type == "ARMATURE"),
        "actions": len(bpy.data.actions),
    }


def session(addon_file, address, token):
    addon = load(addon_file)
    addon.register()
    scene, results = bpy.context.scene, bpy.context.window_manager.chronomotion
    settings = scene.chronomotion
    told = {"empty": refusal(bpy.ops.chronomotion.search)}
    settings.query = "a person walks, then falls"
    settings.order = 1.5
    settings.address = "http://127.0.0.1:9"
    told["nobody"] = refusal(bpy.ops.chronomotion.search)
    settings.address = address
    if token != "-":
        told["no token"] = refusal(bpy.ops.chronomotion.search)
        results.token = token
    bpy.ops.chronomotion.search()
    told["hits"] = [
        {
            "name": hit.name,
            "clip": hit.clip,
            "score": hit.score,
            "good": hit.good,
            "events": [(event.text, event.start, event.end, event.found) for event in hit.events],
        }
        for hit in results.hits
    ]
    scene.cursor.location = (3.0, 2.0, 1.0)
    scene.frame_start = 11
    told["first"] = import_selected()
    settings.take_rate = True
    results.active = len(results.hits) - 1
    told["second"] = import_selected()
    addon.unregister()
    addon.register()
    addon.unregister()
    return told


try:
    sys.stdout.write(f"TOLD {json.dumps(session(*sys.argv[1:4]))}\n")
except BaseException:
    traceback.print_exc()
sys.stdout.flush()
sys.stderr.flush()
os._exit(0)  # bpy does not always come to an end by itself after an error
