-- Whether an event is there already is asked by its id: H2 finds many ids at once by the first column of an index only. The store
-- is of another version with this, and so built anew: nothing is lost with the old table.
drop table event;

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
