-- Nix's database of valid paths, schema version 10. Names and types are an interface shared with Nix:
-- either program may open what the other one wrote.

create table if not exists ValidPaths (
    id               integer primary key autoincrement not null,
    path             text unique not null,     -- in full: /nix/store/...
    hash             text not null,            -- of the archive: "sha256:" and base 16
    registrationTime integer not null,         -- seconds since 1970
    deriver          text,                     -- the .drv that it was built from, valid or not
    narSize          integer,
    ultimate         integer,                  -- 1: built here, and so trusted
    sigs             text,                     -- separated by spaces
    ca               text                      -- content address, if the path was computed from its content
);

create table if not exists Refs (
    referrer  integer not null,
    reference integer not null,
    primary key (referrer, reference),
    foreign key (referrer) references ValidPaths(id) on delete cascade,
    foreign key (reference) references ValidPaths(id) on delete restrict
);

create index if not exists IndexReference on Refs(reference);

-- A path that refers to itself could otherwise never be deleted: its own reference would restrict it.
create trigger if not exists DeleteSelfRefs before delete on ValidPaths
  begin
    delete from Refs where referrer = old.id and reference = old.id;
  end;

create table if not exists DerivationOutputs (
    drv  integer not null,
    id   text not null,                        -- the output's name
    path text not null,
    primary key (drv, id),
    foreign key (drv) references ValidPaths(id) on delete cascade
);

create index if not exists IndexDerivationOutputs on DerivationOutputs(path);

create table if not exists SchemaMigrations (migration text primary key not null);
