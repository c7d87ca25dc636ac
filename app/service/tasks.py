"""Tasks: a resource with reads and writes."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, StringConstraints

from service.store import Store

Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Id = Annotated[int, Path(alias="id", ge=1, lt=2**63)]  # what SQLite and every database can count to
# A body is read whole before it is looked at, and not every one tells its length beforehand.
MAX_BODY_BYTES = 16 * 1024


class NewTask(BaseModel):
    title: Title


class Change(BaseModel):
    title: Title | None = None
    done: bool | None = None


def router(store: Store) -> APIRouter:
    routes = APIRouter(prefix="/api/tasks", max_body_size=MAX_BODY_BYTES)

    @routes.api_route("", methods=["GET", "HEAD"])
    def tasks() -> Response:
        return JSONResponse({"tasks": [asdict(each) for each in store.tasks()], "store": about(store)})

    @routes.post("")
    def add(new: NewTask) -> Response:
        task = store.add_task(new.title)
        return JSONResponse(asdict(task), 201, headers={"location": f"/api/tasks/{task.id}"})

    @routes.api_route("/{id}", methods=["GET", "HEAD"])
    def task(id_: Id) -> Response:
        return JSONResponse(asdict(_found(store.task(id_), id_)))

    @routes.patch("/{id}")
    def change(id_: Id, change: Change) -> Response:
        return JSONResponse(asdict(_found(store.change_task(id_, title=change.title, done=change.done), id_)))

    @routes.delete("/{id}")
    def remove(id_: Id) -> Response:
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
