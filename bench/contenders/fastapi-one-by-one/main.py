"""FastAPI as its documentation shows it: validate a body model, insert, publish, respond."""

import os
import uuid
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import uvicorn
from aiokafka import AIOKafkaProducer
from fastapi import FastAPI, Request
from motor.motor_asyncio import AsyncIOMotorClient
from pydantic import BaseModel

from bench.contenders import lenient  # noqa: F401  # before the event models
from shared.events.intake import Application, ApplicationSubmitted, Contact


class Submission(BaseModel):
    """The body of a POST."""

    application: Application
    contact: Contact


@asynccontextmanager
async def lifespan(app):
    """Open the connections, and close them at the end."""
    client = AsyncIOMotorClient(os.environ["MONGODB_URL"], w="majority", journal=True)
    app.state.applications = client[os.environ["BENCH_DATABASE"]]["applications"]
    servers = os.environ["KAFKA_BOOTSTRAP_SERVERS"]
    async with AIOKafkaProducer(bootstrap_servers=servers, acks="all") as app.state.producer:
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/readyz")
async def ready():
    """Return 200."""
    return {}


@app.post("/v1/applications", status_code=202)
async def submit(submission: Submission, request: Request):
    """Store an application, publish it, and respond."""
    event = ApplicationSubmitted(
        application_id=str(uuid.uuid4()),
        version=1,
        received_at=datetime.now(UTC),
        application=submission.application,
    )
    document = {"_id": event.application_id, **submission.model_dump(mode="json")}
    await request.app.state.applications.insert_one(document)
    value, key = event.model_dump_json().encode(), event.application_id.encode()
    await request.app.state.producer.send_and_wait(os.environ["BENCH_OUTPUT"], value, key)
    return {"application_id": event.application_id, "status": "accepted"}


if __name__ == "__main__":
    uvicorn.run(
        app,
        host=os.environ["HTTP_HOST"],
        port=int(os.environ["HTTP_PORT"]),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
    )
