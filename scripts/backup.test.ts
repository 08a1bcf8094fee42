import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, open, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { startStorage } from '../sandbox/storage/storage.ts'
import { quietRestored } from '../server/core/backup/quiet.ts'
import { assertNotRestoring } from '../server/core/backup/restoring.ts'
import { openDatabase } from '../server/core/db/db.ts'
import { migrate } from '../server/core/db/migrate.ts'
import { wholeSchema } from '../server/core/db/whole-schema.ts'
import { loadKeyRing, seal } from '../server/lib/seal.ts'
import {
  connected,
  emptyDatabase,
  ordinaryDatabase,
  type TestDatabase,
  testDatabase,
} from '../server/testing/database.ts'

let folder: string
let keys: string
let source: TestDatabase
let backup: string
/** `npm run prove deaths` runs these as well (docs/decisions/0056). */
const rare = { skip: process.env['DEATHS'] !== 'all' }

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sanyi-backup-'))
  keys = join(folder, 'sealing.json')
  source = await testDatabase()
  await someRows(source)
  const made = await run('backup', [join(folder, 'place')], source)
  assert.equal(made.code, 0, made.out)
  backup = made.out.split('\n')[0] ?? ''
})

test('a backup holds every row, and an ordinary role restores it into an empty database of its own', async () => {
  await using target = await ordinaryDatabase()
  const schema = await schemaOf(target)
  const restored = await run('restore', [backup], target)
  assert.equal(restored.code, 0, restored.out)
  assert.match(restored.out, /^已恢复到 .* · Restored: \d+ rows/)
  assert.match(restored.out, /密钥文件对得上/)
  assert.deepEqual(await rowsOf(target), await rowsOf(source))
  assert.equal(await schemaOf(target), schema)
  await using client = await connected(target.url)
  const next = await client.query<{ id: string; no: string }>(
    `insert into shop (platform, variant, name) values ('taobao', '', '三号店') returning id, nextval('sales_order_no') as no`,
  )
  assert.deepEqual(
    next.rows.map(({ id, no }) => [id, Number(no) > 1_000_041]),
    [['3', true]],
  )
  await assertNotRestoring(target.url)
})

test('numbers of documents, their ids and those of webhook messages leap at a restore, and another restore of the same backup leaps further', async () => {
  await using target = await emptyDatabase()
  const given = async () => {
    await using client = await connected(target.ownerUrl)
    const { rows } = await client.query<{ given: string[] }>(`
      select array[nextval('sales_order_no'), nextval('wave_no'), nextval(pg_get_serial_sequence('webhook_message', 'id')),
        nextval(pg_get_serial_sequence('delivery', 'id')), nextval(pg_get_serial_sequence('staged_refund', 'id')),
        nextval(pg_get_serial_sequence('shop', 'id'))]::text[] as given`)
    return (rows[0]?.given ?? []).map(Number)
  }
  assert.equal((await run('restore', [backup], target)).code, 0)
  const [orderNo = 0, ...first] = await given()
  assert.ok(orderNo > 1_000_041, String(orderNo))
  assert.deepEqual(
    first.map((number) => number > 1_000_000),
    [true, true, true, true, false],
  )
  await sleep(1100)
  assert.equal((await run('restore', [backup, '--replace'], target)).code, 0)
  const [again = 0, ...second] = await given()
  assert.ok(again >= orderNo + 100, `${again} ${orderNo}`)
  assert.deepEqual(
    second.slice(0, -1).map((number, at) => number >= (first[at] ?? 0) + 100),
    [true, true, true, true],
  )
  await quietRestored(target.ownerUrl, 'pgbackrest')
  const [quieted = 0] = await given()
  assert.ok(quieted >= again + 1_000_000, `${quieted} ${again}`)
})

test(
  'a backup goes into a bucket by the command, is found whole there, and is restored from it',
  rare,
  async () => {
    await using storage = await startStorage('shop')
    await using target = await ordinaryDatabase()
    Object.assign(process.env, {
      ...{ S3_ENDPOINT: storage.endpoint, S3_PATH_STYLE: '1' },
      ...{ S3_ACCESS_KEY_ID: storage.key.id, S3_SECRET_ACCESS_KEY: storage.key.secret },
    })
    const made = await run('backup', ['s3://shop/nightly'], source)
    assert.equal(made.code, 0, made.out)
    const [place = ''] = made.out.split('\n')
    assert.match(place, /^s3:\/\/shop\/nightly\/sanyi-\d{8}-\d{6}$/)
    const checked = await run('check-backup', [place], target)
    assert.match(checked.out, /备份完好/)
    const without = await run('restore', ['s3://shop/nightly'], target)
    assert.equal(without.code, 1)
    assert.ok(without.out.includes(place.split('/').at(-1) ?? ''))
    const restored = await run('restore', [place], target)
    assert.equal(restored.code, 0, restored.out)
    assert.deepEqual(await rowsOf(target), await rowsOf(source))
    await using client = await connected(target.url)
    const { rows } = await client.query('select backup from restore_record')
    assert.deepEqual(rows, [{ backup: place.split('/').at(-1) }])
  },
)

test('a relay is in the backup, and the calls that were on their way through it are not', rare, async () => {
  await using target = await ordinaryDatabase()
  assert.equal((await run('restore', [backup], target)).code, 0)
  await using client = await connected(target.url)
  const { rows } = await client.query(
    `select (select array_agg(name) from relay) as relays, (select count(*)::int from relay_call) as calls`,
  )
  assert.deepEqual(rows, [{ relays: ['聚石塔'], calls: 0 }])
})

test('a backup names what it is, has no key, and is found whole', async () => {
  const checked = await run('check-backup', [backup], source)
  assert.deepEqual(
    [checked.code, checked.out.trimEnd().split('\n').at(-1)],
    [0, '备份完好 · The backup is whole'],
  )
  const manifest = JSON.parse(await readFile(join(backup, 'manifest.json'), 'utf8'))
  const { version } = JSON.parse(
    await readFile(fileURLToPath(new URL('../package.json', import.meta.url)), 'utf8'),
  )
  assert.equal(manifest.version, version)
  assert.deepEqual(
    manifest.keys.map(({ number }: { number: number }) => number),
    [1],
  )
  const shop = manifest.tables.find(({ name }: { name: string }) => name === 'shop')
  assert.equal(shop.rows, 2)
  const key: { keys: { seal: string }[] } = JSON.parse(await readFile(keys, 'utf8'))
  assert.ok(!JSON.stringify(manifest).includes(key.keys[0]?.seal ?? '-'))
})

test('a database with a shop is replaced only if that was asked', async () => {
  await using target = await testDatabase()
  await target.owner(`insert into shop (platform, variant, name) values ('taobao', '', '别的店')`)
  const refused = await run('restore', [backup], target)
  assert.equal(refused.code, 1)
  assert.match(refused.out, /add --replace/)
  assert.deepEqual(await namesOfShops(target), ['别的店'])
  const replaced = await run('restore', [backup, '--replace'], target)
  assert.equal(replaced.code, 0, replaced.out)
  assert.deepEqual(await rowsOf(target), await rowsOf(source))
})

test('a damaged backup is named, and restoring it changes nothing, also where the database is further', async () => {
  await using target = await testDatabase()
  await target.owner(`insert into shop (platform, variant, name) values ('taobao', '', '别的店')`)
  const made = await run('backup', [join(folder, 'damaged')], source)
  const damaged = made.out.split('\n')[0] ?? ''
  const file = await open(join(damaged, 'audit_log.zst'), 'r+')
  await file.write(Buffer.from([255]), 0, 1, 20)
  await file.close()
  const checked = await run('check-backup', [damaged], target)
  assert.equal(checked.code, 1)
  assert.match(checked.out, /^audit_log: /m)
  const refused = await run('restore', [damaged, '--replace'], target)
  assert.equal(refused.code, 1)
  assert.deepEqual(await namesOfShops(target), ['别的店'])
  await assertNotRestoring(target.ownerUrl)
  await target.owner(`insert into migration (name) values ('9999_later.sql')`)
  const further = await run('restore', [damaged, '--replace'], target)
  assert.equal(further.code, 1)
  assert.match(further.out, /the database was left as it is\.\naudit_log: /)
  assert.deepEqual(await namesOfShops(target), ['别的店'])
  await assertNotRestoring(target.ownerUrl)
  const manifest = await readFile(join(damaged, 'manifest.json'), 'utf8')
  await writeFile(join(damaged, 'manifest.json'), manifest.replace('"rows": 2,', '"rows": 3,'))
  const forged = await run('check-backup', [damaged], target)
  assert.equal(forged.code, 2)
  assert.match(forged.out, /damaged/)
})

test('a backup that was killed is never taken for one, and the next backup removes its rest', async () => {
  const place = join(folder, 'killed')
  const child = start('backup', [place], source)
  const draft = await until(async () =>
    (await readdir(place).catch(() => [])).find((name) => name.startsWith('.draft-')),
  )
  await until(async () => (await readdir(join(place, draft))).length > 3)
  await killed(child)
  assert.deepEqual(await readdir(place), [draft])
  assert.equal((await run('check-backup', [join(place, draft)], source)).code, 2)
  const made = await run('backup', [place], source)
  assert.deepEqual(await readdir(place), [made.out.split('\n')[0]?.split('/').at(-1)])
})

test('two processes that back up into one place at once both make theirs', async () => {
  const place = join(folder, 'at-once')
  const made = await Promise.all([run('backup', [place], source), run('backup', [place], source)])
  const folders = made.map(({ out }) => out.split('\n')[0] ?? '')
  assert.deepEqual(
    made.map(({ code }) => code),
    [0, 0],
    made.map(({ out }) => out).join('\n'),
  )
  assert.deepEqual((await readdir(place)).toSorted(), folders.map((one) => one.split('/').at(-1)).toSorted())
  assert.equal(new Set(folders).size, 2)
  for (const one of folders) assert.equal((await run('check-backup', [one], source)).code, 0)
})

test('a restore that was killed keeps the installation from starting, and is done by running it again', async () => {
  await using target = await emptyDatabase()
  const child = start('restore', [backup], target)
  await until(async () => {
    await using client = await connected(target.ownerUrl)
    const { rows } = await client.query(`select to_regclass('restoring') is not null as marked`)
    return rows[0].marked
  })
  await killed(child)
  await assert.rejects(assertNotRestoring(target.ownerUrl), /has not ended/)
  const again = await run('restore', [backup], target)
  assert.equal(again.code, 0, again.out)
  await assertNotRestoring(target.ownerUrl)
  assert.deepEqual(await rowsOf(target), await rowsOf(source))
})

test('another key file is named, and so is none, and rows are replaced without the keys of the backup only if that was asked', async () => {
  await using target = await emptyDatabase()
  const other = join(folder, 'other.json')
  const none = await run('restore', [backup], target, other)
  assert.match(none.out, /The key file \S+ is missing: key 1 sealed/)
  await loadKeyRing(other)
  await target.owner(`update shop set name = '改过的店' where id = 1`)
  const wrong = await run('restore', [backup, '--replace'], target, other)
  assert.equal(wrong.code, 1)
  assert.match(wrong.out, /is not this backup's: key 1 is missing or another[\s\S]*Nothing was changed/)
  assert.deepEqual(await namesOfShops(target), ['改过的店', '二号店'])
  const later = await run('restore', [backup, '--replace', '--keys-later'], target, other)
  assert.equal(later.code, 0, later.out)
  assert.match(later.out, /is not this backup's: key 1 is missing or another/)
  assert.deepEqual(await namesOfShops(target), ['一号店', '二号店'])
})

test('a running installation is not restored over', async () => {
  await using target = await testDatabase()
  const { db, close } = openDatabase(target.url, { max: 1, name: 'sanyi web' })
  await sql`select 1`.execute(db)
  const refused = await run('restore', [backup, '--replace'], target)
  assert.equal(refused.code, 1)
  assert.match(refused.out, /Sanyi is connected to this database \(sanyi web\)\. Stop it first/)
  await close()
})

test(
  'a restore whose migrations fail leaves the rows, and the installation may start with them',
  rare,
  async () => {
    await using target = await testDatabase()
    await target.owner(`
    insert into shop (platform, variant, name) values ('taobao', '', '别的店');
    delete from migration where name = (select max(name) from migration)`)
    const failed = await run('restore', [backup, '--replace'], target)
    assert.equal(failed.code, 1)
    assert.match(failed.out, /failed; nothing of it was kept/)
    assert.deepEqual(await namesOfShops(target), ['别的店'])
    await assertNotRestoring(target.ownerUrl)
  },
)

test('a database that is further than the backup is brought back to it', rare, async () => {
  await using target = await testDatabase()
  await target.owner(`insert into migration (name) values ('9999_later.sql'); create table later (id int)`)
  const restored = await run('restore', [backup, '--replace'], target)
  assert.equal(restored.code, 0, restored.out)
  assert.deepEqual(await rowsOf(target), await rowsOf(source))
  await migrate(target.ownerUrl)
})

/** Two shops with sealed credentials, thousands of audit rows, and numbers that were given out. */
async function someRows(database: TestDatabase): Promise<void> {
  const ring = await loadKeyRing(keys)
  const { db, close } = openDatabase(database.ownerUrl, { max: 1, name: 'test' })
  for (const name of ['一号店', '二号店'])
    await sql`insert into shop (platform, variant, name, credentials) values ('taobao', '', ${name}, ${seal(ring, '1', '{}')})`.execute(
      db,
    )
  await sql`
    insert into audit_log (actor_kind, actor_id, actor_name, action, subject_type, subject_id, detail)
    select 'user', '1', '店长', 'shop.update', 'shop', '1', jsonb_build_object('n', n, 'text', repeat(md5(n::text), 30))
    from generate_series(1, 20000) n`.execute(db)
  await sql`
    with person as (insert into app_user (email, name) values ('relays@example.com', '店长') returning id), key as (
      insert into api_key (name, prefix, key_hash, permissions, created_by)
      select '中继', 'sk_relay', 'hash', '{relays.serve}', id from person returning id
    ), made as (
      insert into relay (name, key_id) select '聚石塔', id from key returning id
    )
    insert into relay_call (number, relay_id, shop_id, request, begin_until)
    select 'on its way', id, 1, 'sealed', now() + interval '1 day' from made`.execute(db)
  await sql`select setval('sales_order_no', 41)`.execute(db)
  const { fingerprintsOf } = await import('../server/lib/seal.ts')
  for (const [number, print] of fingerprintsOf(ring))
    await sql`insert into sealing_key (number, fingerprint) values (${number}, ${print})`.execute(db)
  await close()
}

/** A digest of the rows of each table that has some. */
async function rowsOf({ ownerUrl }: TestDatabase): Promise<Record<string, string>> {
  await using client = await connected(ownerUrl)
  const tables = await client.query<{ name: string; query: string }>(`
    select relname as name, format('select md5(coalesce(string_agg(t::text, E''\\n'' order by t::text), '''')) as rows from %I t', relname) as query
    from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
      and relname not in ('restore_record', 'relay_call', 'version', 'bam', 'instance', 'warning', 'queue_stats')`)
  const all: Record<string, string> = {}
  for (const { name, query } of tables.rows)
    all[name] = (await client.query<{ rows: string }>(query)).rows[0]?.rows ?? ''
  return all
}

async function schemaOf({ ownerUrl }: TestDatabase): Promise<string> {
  await using client = await connected(ownerUrl)
  return await wholeSchema(client)
}

async function namesOfShops({ ownerUrl }: TestDatabase): Promise<string[]> {
  await using client = await connected(ownerUrl)
  return (await client.query<{ name: string }>('select name from shop order by id')).rows.map(
    ({ name }) => name,
  )
}

function start(
  script: string,
  args: string[],
  { ownerUrl, url }: TestDatabase,
  keyPath = keys,
): ChildProcess {
  const file = fileURLToPath(new URL(`${script}.ts`, import.meta.url))
  return spawn(process.execPath, ['--disable-warning=ExperimentalWarning', file, ...args], {
    env: {
      ...process.env,
      DATABASE_URL: url,
      // The database of an ordinary role has no other owner.
      DATABASE_OWNER_URL: url.includes('ordinary_owner') ? url : ownerUrl,
      SEALING_KEY_PATH: keyPath,
      DATA_DIR: join(folder, 'data'),
    },
  })
}

async function run(script: string, args: string[], database: TestDatabase, keyPath?: string) {
  const child = start(script, args, database, keyPath)
  let out = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      out += text
    })
  const code = await new Promise<number | null>((settle) => child.on('close', settle))
  return { code, out }
}

async function killed(child: ChildProcess): Promise<void> {
  const gone = new Promise((settle) => child.once('exit', settle))
  child.kill('SIGKILL')
  await gone
}

async function until<T>(look: () => Promise<T | undefined | false>): Promise<T> {
  for (const end = performance.now() + 20_000; performance.now() < end; await sleep(2)) {
    const found = await look()
    if (found) return found
  }
  throw new Error('It did not come.')
}
