-- Lists are read off an index in their order, and what is asked for many keys at once is the first column of one: H2 needs that.
-- The store is of another version with this, and so built anew: nothing is lost with the old tables.
drop table request_machine;
drop table request_audience;
drop table event;
drop table event_machine;

-- "sort_at" is the request's own, so that the newest of a machine, or for an approver, are found without a look at all.
create table request_machine (
  machine    varchar(1000) not null,
  request_id uuid          not null,
  sort_at    bigint        not null,
  primary key (request_id, machine)
);
create index request_machine_by_time on request_machine (machine, sort_at desc, request_id desc);

-- Who was asked to approve: kind G is a group, S a subject.
create table request_audience (
  kind       varchar(1)    not null,
  name       varchar(1000) not null,
  request_id uuid          not null,
  sort_at    bigint        not null,
  primary key (request_id, kind, name)
);
create index request_audience_by_time on request_audience (kind, name, sort_at desc, request_id desc);

create index access_grant_by_requestor on access_grant (requestor, sort_at desc, id desc);

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
  unique (event_id, topic)
);
create index event_by_time on event (at desc, position desc);
create index event_by_request on event (request_id, position desc);
create index event_by_person on event (person, position desc);

create table event_machine (
  machine  varchar(1000) not null,
  position bigint        not null,
  primary key (position, machine)
);
create index event_machine_by_machine on event_machine (machine, position desc);
