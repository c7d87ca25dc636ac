"""Tasks: a resource with reads and writes."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, StringConstraints

from service.store import Store

Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class NewTask(BaseModel):
    title: Title


class Change(BaseModel):
    title: Title | None = None
    done: bool | None = None


def router(store: Store) -> APIRouter:
    routes = APIRouter(prefix="/api/tasks")

    @routes.api_route("", methods=["GET", "HEAD"])
    def tasks() -> Response:
        return JSONResponse({"tasks": [asdict(each) for each in store.tasks()], "store": about(store)})

    @routes.post("")
    def add(new: NewTask) -> Response:
        task = store.add_task(new.title)
        return JSONResponse(asdict(task), 201, headers={"location": f"/api/tasks/{task.id}"})

    @routes.api_route("/{id_}", methods=["GET", "HEAD"])
    def task(id_: int) -> Response:
        return JSONResponse(asdict(_found(store.task(id_), id_)))

    @routes.patch("/{id_}")
    def change(id_: int, change: Change) -> Response:
        return JSONResponse(asdict(_found(store.change_task(id_, title=change.title, done=change.done), id_)))

    @routes.delete("/{id_}")
    def remove(id_: int) -> Response:
        _found(store.remove_task(id_) or None, id_)
        return Response(status_code=204)

    return routes


def about(store: Store) -> dict[str, Any]:
    """What those who write here should know of the store."""
    return {"kind": store.kind, "outlives_instance": store.outlives_instance}


def _found(value: Any, id_: int) -> Any:
    if value is None:
        raise HTTPException(404, f"there is no task {id_}")
    return value
