-- The store. Documents are `json`, kept as they were written and never looked into; what is asked about stands in columns.
-- Results refer to their simulation by a short key, because there may be millions of packets.

create table snapshot (
  digest      text primary key,
  content     bytea not null,                 -- all files, packed and gzipped
  size        bigint not null,
  files       integer not null,
  machines    json not null,
  issues      json not null,
  created_at  timestamptz(3) not null
);
alter table snapshot alter column content set storage external;

create table simulation (
  key             bigint generated always as identity primary key,
  id              text not null unique,
  name            text not null,
  snapshot_digest text not null references snapshot (digest),
  scenario        json not null,
  scenario_digest text not null,
  engine_version  text not null,
  seed            bigint not null,
  mode            text not null check (mode in ('sample', 'explore')),
  status          text not null check (status in ('queued', 'running', 'succeeded', 'failed', 'canceled')),
  progress_done   bigint not null default 0,
  progress_of     bigint not null default 0,
  created_at      timestamptz(3) not null,
  finished_at     timestamptz(3),
  report_digest   text,
  verdict         json,
  problem         json
);
create index simulation_by_time on simulation (created_at desc, id collate "C" desc);
create index simulation_unfinished on simulation (created_at) where status in ('queued', 'running');

create table idempotency (
  kind        text not null,
  key         text not null,
  body_digest text not null,
  target      text not null,
  created_at  timestamptz(3) not null,
  primary key (kind, key)
);

create table simulation_result (
  simulation   bigint primary key references simulation (key) on delete cascade,
  report       bytea not null,                -- the Report's text, gzipped
  totals       json not null,
  coverage     json not null,
  expectations json not null,
  findings     json not null,
  topology     json not null
);
alter table simulation_result alter column report set storage external;

create table flow (
  simulation bigint not null references simulation (key) on delete cascade,
  position   integer not null,
  name       text not null,
  totals     json not null,
  primary key (simulation, position)
);

-- Distinct paths once; packets refer to them.
create table path (
  simulation  bigint not null references simulation (key) on delete cascade,
  flow        integer not null,
  path        integer not null,
  count       double precision not null,
  disposition text not null,
  protocol    text,
  died_at     text,
  report      json not null,
  primary key (simulation, flow, path)
);

-- The packets of a path's exchange.
create table path_entry (
  simulation  bigint not null references simulation (key) on delete cascade,
  flow        integer not null,
  path        integer not null,
  entry       integer not null,
  what        text not null,
  disposition text not null,
  primary key (simulation, flow, path, entry)
);

-- Which machines and rules a path comes by: the inverted table behind filters.
create table path_visit (
  simulation       bigint not null references simulation (key) on delete cascade,
  flow             integer not null,
  path             integer not null,
  entry            integer not null,
  machine          text not null,
  input_interface  text,
  output_interface text,
  hook             text,
  "table"          text,
  chain            text,
  rule             integer,
  is_deciding      boolean not null
);
create index path_visit_by_path on path_visit (simulation, flow, path, entry);
create index path_visit_by_chain on path_visit (simulation, chain, rule);

create table packet (
  simulation bigint not null references simulation (key) on delete cascade,
  flow       integer not null,
  index      integer not null,
  path       integer not null,
  at_us      bigint not null,
  layer      text not null,
  endpoints  text[] not null,                 -- `IP`, `:PORT`, `IP:PORT`
  report     json not null,
  primary key (simulation, flow, index)
);
create index packet_by_path on packet (simulation, flow, path, index);

create table comparison (
  key                  bigint generated always as identity primary key,
  id                   text not null unique,
  status               text not null check (status in ('queued', 'running', 'succeeded', 'failed', 'canceled')),
  baseline_simulation  text not null,
  baseline_flow        text,
  candidate_simulation text not null,
  candidate_flow       text,
  created_at           timestamptz(3) not null,
  finished_at          timestamptz(3),
  summary              json,
  problem              json
);
create index comparison_unfinished on comparison (created_at) where status in ('queued', 'running');

create table comparison_change (
  comparison     bigint not null references comparison (key) on delete cascade,
  position       integer not null,
  flow           text not null,
  effect         text not null,
  change         json not null,
  baseline_flow  integer,
  baseline_path  integer,
  candidate_flow integer,
  candidate_path integer,
  primary key (comparison, position)
);

create table batch (
  id              text primary key,
  name            text not null,
  status          text not null check (status in ('queued', 'running', 'succeeded', 'failed', 'canceled')),
  progress_done   bigint not null default 0,
  progress_of     bigint not null default 0,
  snapshot_digest text not null references snapshot (digest),
  scenario        json not null,
  batch           json not null,
  created_at      timestamptz(3) not null,
  finished_at     timestamptz(3),
  result          json,
  problem         json
);
create index batch_unfinished on batch (created_at) where status in ('queued', 'running');
