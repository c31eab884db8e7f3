"""The schema, as migrations that only go forward.

``PRAGMA user_version`` holds the number of migrations applied, so that opening a store that is
up to date costs one pragma. (sqlite-utils has migrations too, but its import brings pandas along
wherever that is installed: most of a second before the first run of a new store.)
"""

from __future__ import annotations

import sqlite3

from nbtrail.errors import StoreError
from nbtrail.store import blocks, chain, changes, views

TABLES = """
create table experiment (
    id integer primary key,
    name text not null unique,
    artifact_location text not null,
    lifecycle_stage text not null default 'active',
    created integer not null,
    updated integer not null
);
create table experiment_tag (
    experiment integer not null references experiment(id) on delete cascade,
    key text not null,
    value text not null,
    primary key (experiment, key)
) without rowid;

-- One row per live (or not yet recovered) journal file: see journal.py.
create table journal (
    uuid text primary key,
    applied integer not null default 0,
    host text not null,
    boot text not null
) without rowid;

create table session (
    id integer primary key,
    uuid text not null unique,
    started integer not null,
    notebook text,
    kernel text,
    journal text
);
create table run (
    id integer primary key,
    uuid text not null unique,
    experiment integer not null references experiment(id),
    name text not null,
    kind text not null,
    status text not null,
    started integer not null,
    ended integer,
    lifecycle_stage text not null default 'active',
    user text not null,
    artifact_uri text not null,
    notebook text,
    error text,
    journal text
);
create index run_by_experiment on run (experiment, started desc);
create index run_by_journal on run (journal) where journal is not null;

create table execution (
    id integer primary key,
    session integer not null references session(id),
    ordinal integer not null,
    cell_id text,
    source text not null,
    execution_count integer,
    started integer not null,
    duration real,
    status text not null,
    error text,
    reads text not null default '{}',
    writes text not null default '[]',
    tags text not null default '[]',
    opaque text,
    unique (session, ordinal)
);
-- Equal outputs are stored once.
create table blob (digest text primary key, content blob not null) without rowid;
create table output (
    execution integer not null references execution(id),
    position integer not null,
    digest text not null references blob(digest),
    primary key (execution, position)
) without rowid;
create table run_execution (
    run integer not null references run(id),
    execution integer not null references execution(id),
    role text not null,
    primary key (run, execution)
) without rowid;

create table param (
    run integer not null references run(id),
    key text not null,
    value text not null,
    typed text,
    origin text not null,
    execution integer references execution(id),
    primary key (run, key)
) without rowid;
create table tag (
    run integer not null references run(id),
    key text not null,
    value text not null,
    primary key (run, key)
) without rowid;

create table metric (id integer primary key, key text not null unique);
-- What is maintained of each history, so that search never touches the points.
create table series (
    id integer primary key,
    run integer not null references run(id),
    metric integer not null references metric(id),
    count integer not null default 0,
    max_step integer,
    last real, last_step integer, last_ts integer, last_execution integer,
    min real, max real,
    unique (run, metric)
);
create index series_by_metric on series (metric, last);
-- A NaN is a null value: SQLite has no other way to keep one.
create table point (
    series integer not null,
    step integer not null,
    seq integer not null,
    ts integer not null,
    value real,
    execution integer,
    primary key (series, step, seq)
) without rowid;

create table logged_model (
    id text primary key,
    experiment integer not null references experiment(id),
    run integer references run(id),
    name text not null,
    artifact_uri text not null,
    created integer not null,
    execution integer,
    flavor text not null,
    status text not null
) without rowid;
create index logged_model_by_run on logged_model (run);
create table registered_model (
    name text primary key,
    description text not null default '',
    created integer not null,
    updated integer not null
) without rowid;
create table model_version (
    name text not null references registered_model(name),
    version integer not null,
    source text not null,
    run text,
    model_id text,
    description text not null default '',
    status text not null,
    created integer not null,
    updated integer not null,
    primary key (name, version)
) without rowid;
create table endpoint (
    name text primary key,
    model_uri text not null,
    host text not null,
    port integer,
    pid integer,
    token text not null,
    state text not null,
    started integer not null,
    error text
) without rowid;
"""


COMPLETION = """
-- Journals name a series by its id: one that was deleted for good must not come back as another's.
create table series_of_all_time (
    id integer primary key autoincrement,
    run integer not null references run(id),
    metric integer not null references metric(id),
    count integer not null default 0,
    max_step integer,
    last real, last_step integer, last_ts integer, last_execution integer,
    min real, max real,
    unique (run, metric)
);
insert into series_of_all_time select * from series;
drop table series;
alter table series_of_all_time rename to series;
-- Searches read these without a look at the rows themselves: which runs have a value, in its order.
-- (Series without points are made ahead for runs in a loop: they are in no index of values.)
create index series_by_metric on series (metric, last, run, min, max, count) where count > 0;
create index param_by_key on param (key, value);
create index tag_by_key on tag (key, value);
drop index run_by_experiment;
create index run_by_experiment on run (experiment, lifecycle_stage, started);
create index run_by_start on run (lifecycle_stage, started);

create table dataset (
    id integer primary key,
    name text not null,
    digest text not null,
    source_type text not null,
    source text not null,
    schema text,
    profile text,
    created integer not null,
    unique (name, digest)
);
-- `context` is what the dataset was used for; `tags`, a JSON object, has it too.
create table input (
    run integer not null references run(id),
    dataset integer not null references dataset(id),
    context text not null default '',
    tags text not null default '{}',
    execution integer,
    primary key (run, dataset, context)
) without rowid;
create index input_by_dataset on input (dataset);

-- Where and how runs ran: one JSON document a kind. Equal documents are one blob, and equal sets
-- of them one context.
create table context (id integer primary key, digest text not null unique);
create table context_document (
    context integer not null references context(id),
    kind text not null,
    digest text not null references blob(digest),
    primary key (context, kind)
) without rowid;

-- Metric points that are a logged model's too.
create table model_metric (
    model text not null references logged_model(id),
    key text not null,
    step integer not null,
    ts integer not null,
    value real,
    dataset integer references dataset(id)
);
create index model_metric_by_model on model_metric (model, key);

create table audit (
    id integer primary key,
    at integer not null,
    who text not null,
    action text not null,
    subject text not null,
    subject_id text not null,
    key text,
    before text,
    after text
);
create index audit_by_subject on audit (subject, subject_id);
create trigger audit_keeps_what_it_has before update on audit
begin select raise(abort, 'the audit is append-only'); end;
create trigger audit_forgets_nothing before delete on audit
begin select raise(abort, 'the audit is append-only'); end;

alter table run add column deleted integer;
alter table run add column context integer references context(id);
alter table experiment add column deleted integer;
"""


def _create_tables(connection: sqlite3.Connection) -> None:
    _run(connection, TABLES)


def _complete_the_store(connection: sqlite3.Connection) -> None:
    _run(connection, COMPLETION)


def _say_what_to_trust(connection: sqlite3.Connection) -> None:
    _run(connection, changes.TRUST)


def _pack_charts(connection: sqlite3.Connection) -> None:
    _run(connection, changes.CHARTS)
    long = connection.execute("select id from series where count >= ?", (blocks.SMALL,)).fetchall()
    for (series,) in long:
        blocks.rebuild(connection, series)


def _guard_the_audit(connection: sqlite3.Connection) -> None:
    _run(connection, changes.AUDIT)


def _know_the_files(connection: sqlite3.Connection) -> None:
    _run(connection, changes.FILES)


def _number_executions(connection: sqlite3.Connection) -> None:
    _run(connection, changes.NUMBERS)


def _queue_jobs(connection: sqlite3.Connection) -> None:
    _run(connection, changes.JOBS)


def _say_more_of_models(connection: sqlite3.Connection) -> None:
    _run(connection, changes.MODELS)


def _run_again_and_again(connection: sqlite3.Connection) -> None:
    _run(connection, changes.SCHEDULES)


def _serve_by_revisions(connection: sqlite3.Connection) -> None:
    _run(connection, changes.SERVING)


def _keep_the_registrys_history(connection: sqlite3.Connection) -> None:
    _run(connection, chain.TABLES)
    chain.guard(connection)
    chain.begin(connection)


MIGRATIONS = (
    _create_tables,
    _complete_the_store,
    _say_what_to_trust,
    _pack_charts,
    _guard_the_audit,
    _know_the_files,
    _number_executions,
    _queue_jobs,
    _say_more_of_models,
    _run_again_and_again,
    _keep_the_registrys_history,
    _serve_by_revisions,
)
VERSION = len(MIGRATIONS)


def _run(connection: sqlite3.Connection, script: str) -> None:
    """Execute statements one by one: `executescript` would commit what went before."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            connection.execute(statement)
            statement = ""


def version_of(connection: sqlite3.Connection) -> int:
    """Return how many migrations the database has seen; 0 for an empty one."""
    version: int = connection.execute("pragma user_version").fetchone()[0]
    return version


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the database to `VERSION`, in one transaction; safe when several processes try.

    Raises:
        StoreError: the database was written by a newer nbtrail.
    """
    if refuse_newer(connection) == VERSION:
        return
    connection.execute("begin immediate")
    try:
        version = refuse_newer(connection)
        if version < VERSION:
            views.drop(connection)
            for migration in MIGRATIONS[version:]:
                migration(connection)
            views.create(connection)
            connection.execute(f"pragma user_version = {VERSION}")
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise


def refuse_newer(connection: sqlite3.Connection) -> int:
    """Return the database's version.

    Raises:
        StoreError: it is one that this nbtrail does not know.
    """
    version = version_of(connection)
    if version > VERSION:
        raise StoreError(
            f"This store was written by a newer nbtrail (schema {version}, this one knows "
            f"{VERSION}). Upgrade with 'pip install -U nbtrail', or choose another store."
        )
    return version
