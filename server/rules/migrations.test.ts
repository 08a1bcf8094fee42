import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import packageJson from '../../package.json' with { type: 'json' }
import { contractionOf, filesOf, migrationFolder, numberOf, textOf } from '../core/db/migration-files.ts'
import { jobTablesNumber } from '../core/upgrade/support.ts'
import { type MigrationFile, narrowing, wrongContraction } from '../testing/schema/expands.ts'

// The release before runs on the newer schema (migrations/README.md): what it needs is taken away a version later.

/** From the next one on. Up to this one, an upgrade stops all processes first. */
const lastFree = 74
/** The migration that came with each form of the job tables. */
const jobTables: Record<number, string> = { 46: '0001_schema.sql' }

let files: MigrationFile[]

before(async () => {
  const names = await filesOf(migrationFolder)
  files = await Promise.all(names.map(async (name) => ({ name, text: await textOf(migrationFolder, name) })))
})

test('a migration only adds, or says which version stopped using what it takes away', () => {
  const later = files.filter(({ name }) => numberOf(name) > lastFree)
  assert.deepEqual(
    later.flatMap((file) => narrowing(file).map((fault) => `${file.name}: ${fault}`)),
    [],
  )
})

test('a contracting migration names a version that was released before, and its last migration', () => {
  const numbers = files.map(({ name }) => numberOf(name))
  const { version } = packageJson
  assert.deepEqual(
    files.flatMap((file) => wrongContraction(file, { version, numbers })),
    [],
  )
})

test('another form of the job tables comes with a contracting migration, because the release before refuses it', () => {
  const name = jobTables[jobTablesNumber]
  const file = files.find((one) => one.name === name)
  assert.ok(file, `no migration is named for form ${jobTablesNumber} of the job tables`)
  assert.ok(name === '0001_schema.sql' || contractionOf(file.text))
})

test('what takes away, renames, narrows or asks for more is found', () => {
  const found = (text: string) =>
    narrowing({ name: '0099_made_up.sql', text }).map((fault) => fault.split(':')[0])
  assert.deepEqual(found('drop table shop;'), ['takes away'])
  assert.deepEqual(found('alter table shop drop column name, add column other text;'), ['takes away'])
  assert.deepEqual(found('drop index one; truncate shop;'), ['takes away', 'takes away'])
  assert.deepEqual(found('alter table shop rename to store;\nalter index a rename to b;'), [
    'renames',
    'renames',
  ])
  assert.deepEqual(found('alter table shop alter column name type varchar(3);'), ['changes a type'])
  assert.deepEqual(found('alter table shop alter name set not null;'), ['asks for more'])
  assert.deepEqual(found('alter table shop add column a int not null;'), ['asks for more'])
  assert.deepEqual(found('alter table shop add constraint a check (b in (1, 2));'), ['allows less'])
  assert.deepEqual(found('create unique index a on shop (name);'), ['allows less'])
})

test('what only adds is left alone, and so are words in texts, in functions and in comments, and tables that are new', () => {
  const found = (text: string) => narrowing({ name: '0099_made_up.sql', text })
  assert.deepEqual(
    found(`-- drop table shop;
      alter table shop add column a int not null default 0, add column b numeric(3, 1);
      create index a on shop (name);
      create table c (id int); alter table c add constraint d check (id > 0); create unique index e on c (id);
      comment on table c is 'drop table shop; it''s gone';
      create function f() returns void language sql as $$ drop table shop; $$;
      insert into c (id) values (1);`),
    [],
  )
})

test('a reason above a statement lets it pass, and only it', () => {
  const text = `-- Release before: it writes no other word.
    alter table shop drop constraint a, add constraint a check (b in (1, 2, 3));
    drop table shop;`
  assert.deepEqual(narrowing({ name: '0099_made_up.sql', text }), ['takes away: drop table shop'])
})

test('a contracting migration may take away, and one that names this version or a later migration is refused', () => {
  const contracting = (version: string, number: string) => ({
    name: '0099_made_up.sql',
    text: `-- Contracts: version ${version} (migration ${number}) and later do without it.\ndrop table shop;`,
  })
  const known = { version: '0.10.0', numbers: [78, 84, 99, 101] }
  assert.deepEqual(narrowing(contracting('0.9.0', '0084')), [])
  assert.deepEqual(wrongContraction(contracting('0.9.0', '0084'), known), [])
  assert.equal(wrongContraction(contracting('0.10.0', '0084'), known).length, 1)
  assert.equal(wrongContraction(contracting('0.11.0', '0099'), known).length, 2)
  assert.equal(wrongContraction(contracting('0.9.0', '0085'), known).length, 1)
})
