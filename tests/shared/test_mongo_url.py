"""No option of a MongoDB URL weakens a promise: it is ours, refused by name, or harmless."""

from functools import partial
from pathlib import Path

import pytest
from bson.codec_options import DatetimeConversion
from motor.motor_asyncio import AsyncIOMotorClient
from pydantic import ValidationError
from pymongo import AsyncMongoClient, ReadPreference, common
from pymongo.monitoring import CommandListener
from pymongo.uri_parser_shared import URI_OPTIONS

from devstack.stack.folder import StackFolder
from devstack.stack.ports import free_ports
from devstack.stack.stack import Stack
from devstack.testing.replica_set import MEMBERS, ReplicaSet
from shared.errors import TransientError
from shared.mongo import is_reachable, open_database, translated_errors
from shared.mongo_url import OWN, PASSED, REFUSED
from shared.settings import MongoSettings, complaints
from tests.factories import NOW
from tests.waiting import eventually

DRIVERS = [AsyncIOMotorClient, AsyncMongoClient]

# What a URL can do worst with each option.
HOSTILE = {
    "w": ["0", "1", "majority", "nearby"],
    "journal": ["false", "true"],
    "wtimeoutms": ["1"],
    "fsync": ["true", "false"],
    "retrywrites": ["false"],
    "readconcernlevel": ["local", "available", "snapshot"],
    "readpreference": ["secondary", "nearest", "secondaryPreferred", "primaryPreferred"],
    "readpreferencetags": ["dc:far", ""],
    "maxstalenessseconds": ["90", "3600"],
    "retryreads": ["false"],
    "tz_aware": ["false"],
    "datetime_conversion": ["datetime_ms", "datetime_clamp"],
    "unicode_decode_error_handler": ["ignore", "replace"],
    "uuidrepresentation": ["csharpLegacy"],
    "connect": ["true"],
    "connecttimeoutms": ["0", "86400000"],
    "serverselectiontimeoutms": ["0", "86400000"],
    "sockettimeoutms": ["0", "1"],
    "timeoutms": ["0", "1"],
    "appname": ["somebody-else"],
    "maxpoolsize": ["1", "0"],
    "minpoolsize": ["2"],
    "maxconnecting": ["1"],
    "maxidletimems": ["1"],
    "waitqueuetimeoutms": ["60000"],
    "waitqueuemultiple": ["1"],
    "heartbeatfrequencyms": ["600000"],
    "servermonitoringmode": ["poll"],
    "localthresholdms": ["0"],
    "maxadaptiveretries": ["0"],
    "enableoverloadretargeting": ["true"],
    "compressors": ["zlib"],
    "zlibcompressionlevel": ["9"],
    "replicaset": ["rs0"],
    "directconnection": ["true", "false"],
}
REFUSED_VALUES = {"loadbalanced": ["true", "false"], "driver": ["x"], "server_api": ["1"]}
# These need a server, a file or a record that the test's mongod does not have.
NOT_CONNECTED = {
    "authsource": ["elsewhere"],
    "authmechanism": ["SCRAM-SHA-256"],
    "authmechanismproperties": ["SERVICE_NAME:other"],
    "tls": ["true", "false"],
    "ssl": ["true"],
    "tlscafile": [],
    "tlscertificatekeyfile": [],
    "tlscertificatekeyfilepassword": ["x"],
    "tlscrlfile": [],
    "tlsinsecure": ["true"],
    "tlsallowinvalidcertificates": ["true"],
    "tlsallowinvalidhostnames": ["true"],
    "tlsdisableocspendpointcheck": ["true"],
    "srvservicename": ["other"],
    "srvmaxhosts": ["1"],
    "srvallowedhostssuffix": [".example"],
}


ROOT = Path(__file__).parents[2]
DECIDED = OWN | PASSED | {*REFUSED}


def each_of(options):
    return [(name, value) for name, values in options.items() for value in values]


def test_every_option_of_the_driver_is_decided_once():
    decided = [*OWN, *PASSED, *REFUSED]

    assert set(decided) == set(common.URI_OPTIONS_VALIDATOR_MAP), "decide on it in mongo_url.py"
    assert len(decided) == len(set(decided))


@pytest.mark.parametrize(
    "name",
    sorted({*common.VALIDATORS, *(each.lower() for each in URI_OPTIONS), "new"} - DECIDED),
)
def test_an_option_that_the_driver_would_ignore_in_a_url_is_refused_by_name(name):
    with pytest.raises(ValidationError, match=f"remove {name}, or correct it"):
        MongoSettings(url=f"mongodb://h/?{name}=x")


def test_every_option_is_tried_with_a_hostile_value():
    assert {*HOSTILE, *NOT_CONNECTED, *REFUSED_VALUES} == DECIDED


def test_the_documentation_names_every_option():
    page = (ROOT / "docs/settings.md").read_text(encoding="utf-8").lower()

    assert [name for name in DECIDED if f"`{name}`" not in page] == []


def settings(infra_url, *options):
    address = infra_url.partition("?")[0]
    return MongoSettings(url=f"{address}?{'&'.join(options)}")


def assert_promises(database, read_concern="majority"):
    for each in (database.client, database, database["docs"]):
        assert each.write_concern.document == {"w": "majority", "j": True}
        assert each.read_concern.document == {"level": read_concern}
        assert each.read_preference == ReadPreference.PRIMARY
        assert each.codec_options.tz_aware
        assert each.codec_options.unicode_decode_error_handler == "strict"
        assert each.codec_options.datetime_conversion == DatetimeConversion.DATETIME
        assert each.codec_options.uuid_representation == 0
    effective = database.client.options
    assert (effective.retry_writes, effective.retry_reads) == (True, True)
    assert effective.timeout is None
    assert not effective.load_balanced
    assert effective.server_selection_timeout == 5
    assert effective.pool_options.connect_timeout == 5
    assert effective.pool_options.socket_timeout == 20
    assert effective.pool_options.appname == "docs"


class Commands(CommandListener):
    def __init__(self):
        self.sent = []

    def started(self, event):
        self.sent.append(event.command)

    def succeeded(self, event):
        pass

    failed = succeeded

    def of(self, name):
        return next(each for each in self.sent if name in each)


@pytest.mark.parametrize(("name", "value"), each_of(REFUSED_VALUES))
def test_an_option_that_cannot_keep_a_promise_is_refused_by_name(name, value):
    with pytest.raises(ValidationError, match=f"Must not have the option {name.upper()}: "):
        settings("mongodb://h/", f"{name.upper()}={value}")


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize(("name", "value"), each_of(HOSTILE))
async def test_promises_hold_on_a_server(infra, driver, name, value):
    given = settings(infra.mongodb_url, f"{name.upper()}={value}")
    commands = Commands()
    client = partial(driver, event_listeners=[commands])
    level = "linearizable" if (name, value) == ("directconnection", "true") else "majority"

    async with open_database(given, "docs", client) as database:
        assert_promises(database, level)
        await database["docs"].replace_one({"_id": name}, {"at": NOW}, upsert=True)
        found = await database["docs"].find_one({"_id": name})
        await database.client.drop_database("docs")

    assert found["at"].tzinfo
    assert commands.of("update")["writeConcern"] == {"w": "majority", "j": True}
    assert "txnNumber" in commands.of("update")
    assert commands.of("find")["readConcern"]["level"] == level


@pytest.mark.parametrize(("name", "value"), each_of(NOT_CONNECTED))
async def test_promises_hold_with_what_this_server_cannot_do(name, value):
    srv = name.startswith("srv")
    user = "user:password@" if name.startswith("auth") else ""
    mechanism = "&authMechanism=GSSAPI" if name == "authmechanismproperties" else ""
    url = f"mongodb{'+srv' if srv else ''}://{user}a.example/?{name}={value}{mechanism}"

    async with open_database(MongoSettings(url=url), "docs") as database:
        assert_promises(database)


async def test_all_hostile_options_at_once_change_nothing(infra):
    every = [f"{name}={values[0]}" for name, values in HOSTILE.items() if name in OWN]

    commands = Commands()
    client = partial(AsyncIOMotorClient, event_listeners=[commands])

    async with open_database(settings(infra.mongodb_url, *every), "docs", client) as database:
        assert_promises(database)
        async with await database.client.start_session() as session, session.start_transaction():
            await database["docs"].insert_one({"_id": "in a session"}, session=session)
        await database.client.drop_database("docs")

    assert commands.of("insert")["readConcern"]["level"] == "majority"
    assert commands.of("commitTransaction")["writeConcern"] == {"w": "majority", "j": True}


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mongodb://h/?retryWrite=false", "Must have only options that docs/settings.md lists"),
        ("mongodb://h/?tls=yes", "Must have a value for the option tls "),
        ("mongodb://h/?tls", "Must have a value for the option tls "),
        ("mongodb://h/?maxPoolSize=many", "Must have a value for the option maxPoolSize "),
        ("mongodb://h/?tlsCAFile=/no/secret", "Must have a value for the option tlsCAFile "),
        ("mongodb://h/?tls=true&TLS=false", "Must have each option only once."),
        ("mongodb://h/?loadBalanced=true", "Must not have the option loadBalanced: give the"),
        ("mongodb://h/?minPoolSize=5&maxPoolSize=2", "Must be a connection string"),
        ("mongodb://a,b/?directConnection=true", "Must be a connection string"),
        ("mongodb+srv://h/?directConnection=true", "Must be a connection string"),
        ("mongodb://us:er:secret@h/", "Must be a connection string"),
        ("mongodb://h:secret/", "Must be a connection string"),
        ("mongodb://h/?tls=true;w=1&journal=true", "Must be a connection string"),
        ("postgres://user:secret@h/", "Must be a connection string"),
    ],
)
def test_a_url_that_the_driver_would_misread_is_refused(url, message, monkeypatch):
    monkeypatch.setenv("MONGODB_URL", url)

    (told,) = complaints([MongoSettings])

    assert told.startswith(f"MONGODB_URL: {message}")
    assert "secret" not in told


@pytest.mark.parametrize("separator", ["&", ";"])
def test_options_are_told_apart_as_the_driver_does(separator):
    url = f"mongodb://h/?w=0{separator}tls=false{separator}ReadPreference=nearest"

    assert MongoSettings(url=url).url == url


@pytest.fixture
def members(tmp_path):
    folder = StackFolder(tmp_path / "stack")
    replica_set = ReplicaSet(folder.data, free_ports(MEMBERS))
    with Stack(folder, replica_set.ports, replica_set.programs()):
        yield replica_set


@pytest.mark.timeout(120)
async def test_a_direct_connection_reads_from_no_member_but_the_primary(members):
    primary = eventually(members.primary)
    secondary = next(name for name in MEMBERS if name != primary)
    for name, encoded in ((primary, "true"), (secondary, "true"), (secondary, "%74rue")):
        url = f"mongodb://127.0.0.1:{members.ports[name]}/?directConnection={encoded}"
        async with open_database(MongoSettings(url=url), "docs") as database:
            if name == primary:
                await database["docs"].insert_one({"_id": 1})
                assert await is_reachable(database)
                assert await database["docs"].find_one() == {"_id": 1}
                continue
            assert not await is_reachable(database)
            with pytest.raises(TransientError), translated_errors():
                await database["docs"].find_one()
            with pytest.raises(TransientError), translated_errors():
                await database["docs"].insert_one({"_id": 2})
