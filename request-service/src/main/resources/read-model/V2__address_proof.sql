create table address_proof (
  link    uuid          not null primary key,
  subject varchar(1000) not null,
  issuer  varchar(1000) not null,
  address varchar(100)  not null,
  at      bigint        not null
);
