-- The log, folded for questions. Everything here can be dropped: it is built again from the topics.
-- Moments are microseconds since 1970, UTC. "doc" is what Postern's own code reads; the other columns are for finding it.

create table projection (
  one           integer      not null primary key,
  log           varchar(200) not null,
  generation    varchar(40)  not null,
  next_position bigint       not null
);

create table projection_place (
  topic       varchar(249) not null,
  part        integer      not null,
  next_offset bigint       not null,
  primary key (topic, part)
);

create table request (
  id        uuid          not null primary key,
  requestor varchar(1000) not null,
  issuer    varchar(1000) not null,
  state     varchar(20)   not null,
  sort_at   bigint        not null,
  doc       varchar       not null
);
create index request_by_time on request (sort_at desc, id desc);
create index request_by_requestor on request (requestor, sort_at desc, id desc);
create index request_by_state on request (state, sort_at desc, id desc);

create table request_machine (
  machine    varchar(1000) not null,
  request_id uuid          not null,
  primary key (machine, request_id)
);

-- Who was asked to approve: kind G is a group, S a subject.
create table request_audience (
  kind       varchar(1)    not null,
  name       varchar(1000) not null,
  request_id uuid          not null,
  primary key (kind, name, request_id)
);
create index request_audience_by_request on request_audience (request_id);

create table access_grant (
  id         uuid          not null primary key,
  request_id uuid          not null,
  machine    varchar(1000) not null,
  requestor  varchar(1000) not null,
  policy     varchar(1000) not null,
  phase      varchar(20)   not null,
  starts_at  bigint        not null,
  sort_at    bigint        not null,
  doc        varchar       not null
);
create index access_grant_by_request on access_grant (request_id);
create index access_grant_by_time on access_grant (sort_at desc, id desc);
create index access_grant_by_phase on access_grant (phase, sort_at desc, id desc);
create index access_grant_by_machine on access_grant (machine, sort_at desc, id desc);
create index access_grant_by_policy on access_grant (policy);

create table break_glass (
  grant_id      uuid          not null primary key,
  policy        varchar(1000),
  justification varchar,
  used_at       bigint,
  reviewed_by   varchar(1000)
);

create table lockdown (
  machine varchar(1000) not null primary key,
  doc     varchar       not null
);

create table plan (
  change_id varchar(100)  not null,
  machine   varchar(1000) not null,
  doc       varchar       not null,
  primary key (change_id, machine)
);

create table event (
  position   bigint       not null primary key,
  topic      varchar(249) not null,
  event_id   varchar(200) not null,
  type       varchar(100) not null,
  at         bigint       not null,
  request_id uuid,
  grant_id   uuid,
  person     varchar(1000),
  sentence   varchar      not null,
  doc        varchar      not null,
  unique (topic, event_id)
);
create index event_by_time on event (at desc, position desc);
create index event_by_request on event (request_id, position desc);
create index event_by_person on event (person, position desc);

create table event_machine (
  machine  varchar(1000) not null,
  position bigint        not null,
  primary key (machine, position)
);
create index event_machine_by_event on event_machine (position);
