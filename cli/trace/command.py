"""`cppp trace`: show the path of one application, from the records themselves."""

import asyncio
import json
import logging
from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console

from cli.api_key_option import ApiKeyFileOption, ApiKeyOption, given_key
from cli.application_argument import ApplicationArgument, application_id_of
from cli.errors import exit_with_message
from cli.kafka_option import DEFAULT_KAFKA, KafkaOption, kafka_settings, unreachable
from cli.service_addresses import INTAKE_URL, checked_url
from cli.trace.display import document, show
from cli.trace.topics import read_path
from shared.errors import TransientError
from shared.service.operators import JsonOption, moment_option


def trace(  # noqa: PLR0913  # one parameter for each option
    identifier: ApplicationArgument,
    *,
    since: Annotated[
        datetime | None,
        typer.Option(
            parser=moment_option,
            metavar="WHEN",
            help="Accepted since: a time, or an age such as 30m, 12h, 7d. Reads less of the topic.",
        ),
    ] = None,
    as_json: JsonOption = False,
    kafka: KafkaOption = DEFAULT_KAFKA,
    intake_url: Annotated[str, typer.Option(callback=checked_url)] = INTAKE_URL,
    api_key: ApiKeyOption = None,
    api_key_file: ApiKeyFileOption = None,
) -> None:
    """Show what happened to an application, when, after which wait, and what has not happened yet.

    Reads the topics, so it works while services are down and without any tracing. A reference is
    looked up as `cppp status` does.
    """
    settings = kafka_settings(kafka)
    application_id = application_id_of(identifier, intake_url, given_key(api_key, api_key_file))
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # it logs each of its own retries
    try:
        path = asyncio.run(read_path(settings, application_id, since))
    except TransientError:
        exit_with_message(unreachable(kafka))
    if path is None:
        exit_with_message(
            f"No topic has a record about {application_id}. `cppp status` says whether intake has "
            "accepted it and not published it yet."
        )
    if as_json:
        print(json.dumps(document(application_id, path), indent=2))
    else:
        show(Console(), application_id, path)
