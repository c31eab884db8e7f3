"""What the later migrations change of the tables (see schema.py)."""

from __future__ import annotations

TRUST = """
alter table execution add column fingerprints text not null default '{}';

-- The notebook as it was when the run's last execution ended; the order says what run-all would do.
create table run_document (
    run integer primary key references run(id),
    origin text not null,
    saved integer
);
-- Equal sources are stored once, in whichever run, cell and version they are.
create table document_cell (
    run integer not null references run_document(run),
    position integer not null,
    cell_id text,
    kind text not null,
    digest text not null references blob(digest),
    tags text not null default '[]',
    primary key (run, position)
) without rowid;

-- What the trail says of the run. `run_verdict.verdict` is the tag nbtrail.verdict, too.
create table run_verdict (
    run integer primary key references run(id),
    verdict text not null,
    origin text not null
);
create index run_by_verdict on run_verdict (verdict);
create table finding (
    run integer not null references run_verdict(run),
    position integer not null,
    kind text not null,
    text text not null,
    executions text not null,
    primary key (run, position)
) without rowid;
"""

CHARTS = """
-- What is known of `size` (16 or 256) consecutive points, so that no chart reads them all;
-- `spread` is the sum of the squared deviations from their mean, `chart` is packed. See blocks.py
-- and charts.py.
drop table if exists block;
create table block (
    series integer not null,
    size integer not null,
    step integer not null, seq integer not null,
    last_step integer not null, last_seq integer not null,
    n integer not null, nnan integer not null,
    min real, max real, sum real, spread real,
    chart blob not null,
    primary key (series, size, step, seq)
) without rowid;
"""


FILES = """
-- Which cell made a file of a run, and what is known of one that was too large to be kept.
create table run_file (
    run integer not null references run(id),
    path text not null,
    kept integer not null,
    size integer,
    digest text,
    execution integer,
    primary key (run, path)
) without rowid;
"""

NUMBERS = """
-- Executions have their numbers before they are stored: they are in journals first.
create table execution_number (next integer not null);
insert into execution_number select coalesce(max(id), 0) + 1 from execution;
"""

MODELS = """
-- What people say of models: names for versions, tags, and how far a version has come.
create table model_alias (
    name text not null references registered_model(name),
    alias text not null,
    version integer not null,
    primary key (name, alias)
) without rowid;
create table registered_model_tag (
    name text not null references registered_model(name),
    key text not null,
    value text not null,
    primary key (name, key)
) without rowid;
create table model_version_tag (
    name text not null,
    version integer not null,
    key text not null,
    value text not null,
    primary key (name, version, key),
    foreign key (name, version) references model_version(name, version)
) without rowid;
alter table model_version add column stage text not null default 'None';
"""

SCHEDULES = """
-- What is to be executed again and again: `job` is what is queued then, `next` when that will be.
create table schedule (
    id integer primary key autoincrement,
    name text not null,
    cron text not null,
    job text not null,
    user text not null,
    created integer not null,
    next integer,
    last_job text,
    missed integer not null default 0,
    missed_at integer
);
"""

JOBS = """
-- What is to be executed in the background; `journal` is that of the supervisor, while it works.
create table job (
    id integer primary key autoincrement,
    kind text not null,
    name text not null,
    notebook text,
    target text,
    experiment text,
    options text not null default '{}',
    parallel integer,
    user text not null,
    state text not null default 'queued',
    stopping integer not null default 0,
    created integer not null,
    started integer,
    ended integer,
    error text,
    journal text
);
create index job_by_journal on job (journal) where journal is not null;
create index job_by_state on job (state) where state in ('queued', 'running');
create table job_run (
    job integer not null references job(id),
    position integer not null,
    parameters text not null,
    state text not null default 'queued',
    run text,
    pid integer,
    started integer,
    ended integer,
    cells_done integer not null default 0,
    cells_total integer,
    cell text,
    outcome text,
    error text,
    primary key (job, position)
) without rowid;
-- What a list of jobs adds up.
create index job_run_by_state on job_run (job, state, cells_done, cells_total);
"""

AUDIT = """
-- `insert or replace` fires no trigger of deletions, and an id of one's own goes before others.
create trigger audit_replaces_nothing before insert on audit
when exists (select 1 from audit where id = new.id)
begin select raise(abort, 'the audit is append-only'); end;
create trigger audit_is_in_order after insert on audit
when new.id < 1 or new.id < (select max(id) from audit)
begin select raise(abort, 'the audit is append-only'); end;
"""

SERVING = """
-- What an endpoint served and how: `served` has its targets with their aliases resolved.
alter table endpoint add column revision integer not null default 0;
create table endpoint_revision (
    endpoint text not null,
    revision integer not null,
    config text not null,
    created integer not null,
    user text not null,
    state text not null,
    error text,
    served text not null default '[]',
    primary key (endpoint, revision)
) without rowid;
create table endpoint_key (
    endpoint text not null,
    id text not null,
    name text not null,
    scope text not null,
    digest text not null,
    created integer not null,
    expires integer,
    primary key (endpoint, id)
) without rowid;
"""
