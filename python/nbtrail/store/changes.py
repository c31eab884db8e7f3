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


AUDIT = """
-- `insert or replace` fires no trigger of deletions, and an id of one's own goes before others.
create trigger audit_replaces_nothing before insert on audit
when exists (select 1 from audit where id = new.id)
begin select raise(abort, 'the audit is append-only'); end;
create trigger audit_is_in_order after insert on audit
when new.id < 1 or new.id < (select max(id) from audit)
begin select raise(abort, 'the audit is append-only'); end;
"""
