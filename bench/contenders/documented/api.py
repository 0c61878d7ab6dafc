"""FastAPI as its documentation shows it: validate a body model, insert, publish, respond."""

import os
import uuid
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import common
import uvicorn
from fastapi import FastAPI
from faststream.kafka import KafkaBroker
from motor.motor_asyncio import AsyncIOMotorClient

broker = KafkaBroker(common.KAFKA, logger=None)
applications = AsyncIOMotorClient(common.MONGODB)["bench-documented"]["applications"]


@asynccontextmanager
async def lifespan(_app):
    """Open the connection to Kafka, and close it at the end."""
    async with broker:
        await broker.start()
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/readyz")
async def ready():
    """Return 200."""
    return {}


@app.post("/v1/applications", status_code=202)
async def submit(submission: common.Submission):
    """Store an application, publish it, and respond."""
    event = common.Submitted(
        application_id=str(uuid.uuid4()),
        received_at=datetime.now(UTC),
        email=submission.contact.email,
        application=submission.application,
    )
    document = {"_id": event.application_id, **submission.model_dump(mode="json")}
    await applications.insert_one(document)
    await broker.publish(event, common.APPLICATIONS, key=event.application_id.encode())
    return {"application_id": event.application_id, "status": "accepted"}


if __name__ == "__main__":
    port = int(os.environ["HTTP_PORT"])
    uvicorn.run(app, host=os.environ["HTTP_HOST"], port=port, log_level="warning")
