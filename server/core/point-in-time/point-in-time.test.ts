import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import {
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import pg from 'pg'
import pino from 'pino'
import { toChinaTime } from '../../lib/time.ts'
import { makeBackup } from '../backup/make-backup.ts'
import { migrate } from '../db/migrate.ts'
import { type Postgres, startPostgres } from '../embedded/postgres.ts'
import { checkLog } from './check-log.ts'
import { beginKeeping, type Keeping, keepBases, sendWaiting } from './keep-log.ts'
import { startFileOf } from './keeping-script.ts'
import { noteBases, noteKept } from './kept-log.ts'
import { recover } from './recover.ts'
import { readRecovered } from './recovered.ts'
import { markRecovering, removeRecoveringMark } from './recovering.ts'
import { waitingFiles } from './send-log.ts'

const log = pino({ level: 'silent' })
const quick = { fsync: 'off', full_page_writes: 'off', shared_buffers: '64MB' }
let folder: string
let place: string
let dataDir: string
let keeping: Keeping
/** When each of five shops was committed. */
const times: Date[] = []
const started: Postgres[] = []

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sanyi-second-'))
  await chmod(folder, 0o755)
  place = join(folder, 'place')
  await mkdir(join(folder, 'dead'))
  dataDir = join(folder, 'dead', 'postgres')
  const server = await startPostgres({ dataDir, settings: quick })
  await migrate(server.url)
  keeping = await keepAt(server, 'dead', place)
  await keepBases(keeping, await timeOf(server))
  for (let count = 1; count <= 5; count += 1) {
    await untilNextSecond(server)
    await onServer(server, (client) =>
      client.query(
        `insert into shop (platform, variant, name, auth_state) values ('taobao', '', $1, 'live')`,
        [`店${count}`],
      ),
    )
    times.push(await timeOf(server))
    if (count > 1 && count < 5) await onServer(server, (client) => client.query('select pg_switch_wal()'))
  }
  await untilWaiting(3)
  await sendWaiting(keeping)
  await killed()
})
after(async () => {
  for (const server of started) await server.stop().catch(() => {})
  await rm(folder, { recursive: true, force: true })
})

test('a killed database comes back at a second between two commits: all of before is there, nothing later, and its shops are closed', async () => {
  const at = secondAfter(1)
  await recover(request('between', at))
  const server = await start('between')
  assert.deepEqual(await shops(server), [
    ['店1', true],
    ['店2', true],
  ])
  const { takenAt, backup } = await readRecovered(server.url)
  assert.ok(takenAt.slice(0, 19) < toChinaTime(at))
  assert.deepEqual(
    await onServer(server, async (client) => {
      const { rows } = await client.query<{ leapt: boolean }>(
        `select nextval('sales_order_no') > 1000000 as leapt union all select nextval(pg_get_serial_sequence('webhook_message', 'id')) > 1000000`,
      )
      return rows.map(({ leapt }) => leapt)
    }),
    [true, true],
  )
  assert.match(backup, new RegExp(`^base-\\d{8}-\\d{6} → ${toChinaTime(at)}$`))
  // Its log goes on, on a timeline of its own, whose history comes first.
  assert.deepEqual(await waitingFiles(`${await realpath(join(folder, 'between', 'postgres'))}.kept`), [
    '00000002.history',
  ])
  await server.stop()
})

test('a second after the last segment that was sent is refused, and is there with the disk of the dead machine, also the last commit', async () => {
  await assert.rejects(
    recover(request('late', secondAfter(3))),
    /^Error: 日志到 \d{4}-\d\d-\d\d \d\d:\d\d:\d\d 为止\(还没有 [0-9A-F]{24}\)/,
  )
  assert.deepEqual(await readdir(join(folder, 'late')), ['postgres.password'])
  await recover({ ...request('late', undefined), disk: join(folder, 'dead') })
  const server = await start('late')
  assert.deepEqual(
    (await shops(server)).map(([name]) => name),
    ['店1', '店2', '店3', '店4', '店5'],
  )
  await server.stop()
})

test('a restore that was killed when only the former cluster was moved aside takes the end of the log, and leaves it beside that cluster', async () => {
  await mkdir(join(folder, 'torn'))
  const torn = join(await realpath(join(folder, 'torn')), 'postgres')
  const former = `${torn}.before-1234abcd`
  await mkdir(join(former, 'pg_wal'), { recursive: true })
  await mkdir(`${torn}.kept`)
  const segments = (await readdir(join(dataDir, 'pg_wal'))).filter((name) => /^[0-9A-F]{24}$/.test(name))
  for (const name of segments) await copyFile(join(dataDir, 'pg_wal', name), join(`${torn}.kept`, name))
  await markRecovering(torn, former)
  const { moved } = await recover(request('torn', undefined))
  assert.equal(moved, former)
  assert.deepEqual((await readdir(`${former}.kept`)).toSorted(), segments.toSorted())
  const server = await start('torn')
  assert.equal((await shops(server)).length, 5)
  await server.stop()
})

test('a log with a gap is found by the check, and no second after the gap is restored; a second before it is', async () => {
  const names = (await readdir(keeping.place.words))
    .filter((name) => /^[0-9A-F]{24}\.zst$/.test(name))
    .toSorted()
  const whole = await checked()
  assert.deepEqual([whole.wrong, `${whole.last}.zst`, whole.bases.length], [[], names.at(-1), 1])
  const gap = names.at(-2) ?? assert.fail()
  await rename(join(keeping.place.words, gap), join(folder, gap))
  assert.deepEqual((await checked()).wrong, [`${gap}: missing`])
  for (const at of [secondAfter(2), undefined])
    await assert.rejects(recover(request('gap', at)), (error: Error) => {
      assert.ok(error.message.includes(`缺 ${gap}`), error.message)
      return true
    })
  assert.deepEqual(await readdir(join(folder, 'gap')), ['postgres.password'])
  await recover(request('sooner', secondAfter(0)))
  await writeFile(join(keeping.place.words, gap), (await readFile(join(folder, gap))).subarray(0, 300))
  assert.equal((await checked()).wrong.length, 1)
  await assert.rejects(recover(request('gap', secondAfter(2))))
  await rm(join(keeping.place.words, gap))
  await rename(join(folder, gap), join(keeping.place.words, gap))
  await recover(request('gap', secondAfter(2)))
  for (const [name, count] of [
    ['sooner', 1],
    ['gap', 3],
  ] as const) {
    const server = await start(name)
    assert.equal((await shops(server)).length, count)
    await server.stop()
  }
})

test('a second before the first base backup is refused, and so is a database that is there, unless it may be replaced', async () => {
  await assert.rejects(recover(request('early', new Date('2020-01-01T00:00:00Z'))), /最早能恢复到/)
  await assert.rejects(recover(request('dead', secondAfter(0))), /加上 --replace/)
  assert.ok(await stat(join(dataDir, 'PG_VERSION')))
})

test('a segment that the place has already is not sent twice, and another one of its name is refused', async () => {
  const [name = ''] = (await keeping.place.list()).filter((each) => /^[0-9A-F]{24}\.zst$/.test(each))
  const bytes = await readFile(join(keeping.place.words, name))
  const segment = name.slice(0, 24)
  await keeping.place.get(name, join(folder, name))
  const { unpack } = await import('./send-log.ts')
  await unpack(join(folder, name), join(keeping.kept, segment))
  await sendWaiting(keeping)
  assert.deepEqual(await waitingFiles(keeping.kept), [])
  await unpack(join(folder, name), join(keeping.kept, segment))
  const other = await readFile(join(keeping.kept, segment))
  other[9000] = (other[9000] ?? 0) + 1
  await writeFile(join(keeping.kept, segment), other)
  await assert.rejects(sendWaiting(keeping), /已有另一个/)
  assert.deepEqual(await waitingFiles(keeping.kept), [segment])
  assert.deepEqual(await readFile(join(keeping.place.words, name)), bytes)
  await rm(join(keeping.kept, segment))
})

test('a disk without a database is refused before anything is made, and so is a link whose target is not there', async () => {
  const wrong = { ...request('disk', undefined), disk: join(folder, 'nothing') }
  await assert.rejects(recover(wrong), /nothing has no database \(no postgres\/pg_wal\): give --disk/)
  const linked = join(folder, 'linked')
  await mkdir(linked)
  await symlink('/var/lib/sanyi/postgres-of-another', join(linked, 'postgres'))
  await assert.rejects(
    recover({ ...wrong, disk: linked }),
    /linked\/postgres is a link to \/var\/lib\/sanyi\/postgres-of-another, which has no database/,
  )
  assert.ok(!(await readdir(folder)).includes('disk'))
})

test('a whole backup that is restored ends the log: the next start makes a base backup, from which it can be restored on', async () => {
  const logPlace = join(folder, 'logical-place')
  const server = await start('logical')
  await migrate(server.url)
  const { folder: backup } = await makeBackup({ url: server.url, place: join(folder, 'nightly') })
  const before = await keepAt(server, 'logical', logPlace)
  const [first, ...others] = await keepBases(before, await timeOf(server))
  assert.deepEqual(others, [])
  // The log goes on from it, and no other is made.
  assert.deepEqual(await keepBases(before, await timeOf(server)), [first])
  await server.stop()
  const { stdout } = await restoreByCommand(backup, join(folder, 'logical'), '--replace')
  assert.match(stdout, /Restored: \d+ rows/)

  const again = await start('logical')
  const since = await timeOf(again)
  const kept = await keepAt(again, 'logical', logPlace)
  const bases = await keepBases(kept, since)
  assert.equal(bases.length, 1)
  assert.equal((await kept.place.list()).filter((name) => name.endsWith('/base.json')).length, 2)
  const noted = await onServer(again, async (client) => {
    await noteKept(client, logPlace)
    await noteBases(client, bases)
    const { rows } = await client.query<{ from: Date }>('select restorable_from as from from kept_log')
    return rows[0]?.from ?? assert.fail()
  })
  assert.ok(noted > since, `${noted} ${since}`)
  await onServer(again, (client) =>
    client.query(`insert into shop (platform, variant, name) values ('taobao', '', '恢复后的店')`),
  )
  // A server that is stopped hands over the rest of its log.
  await again.stop()
  await sendWaiting(kept)
  // A restore that is refused leaves the log as it is.
  await assert.rejects(restoreByCommand(backup, join(folder, 'logical')), /add --replace/)
  assert.ok((await readFile(startFileOf(kept.kept), 'utf8')).includes(bases[0]?.name ?? '-'))
  await recover({ ...request('logical-back', undefined), place: logPlace })
  const back = await start('logical-back')
  assert.deepEqual(await shops(back), [['恢复后的店', false]])
  await back.stop()
})

test('a start refuses while a restored database is being put in its place', async () => {
  const half = join(folder, 'half', 'postgres')
  await mkdir(join(folder, 'half'))
  await markRecovering(half, '')
  await assert.rejects(startPostgres({ dataDir: half, settings: quick }), /没有完成/)
  assert.deepEqual(await readdir(join(folder, 'half')), ['postgres.password', 'postgres.restoring'])
  await removeRecoveringMark(half)
})

const storage = () => ({ bucket: undefined, staging: join(folder, 'staging') })

/** Begins to keep the log of this installation at a place. */
async function keepAt(server: Postgres, name: string, at: string): Promise<Keeping> {
  const cluster = await realpath(join(folder, name, 'postgres'))
  const parts = { url: server.url, cluster, scratch: join(folder, 'scratch'), storage: storage(), log }
  return await beginKeeping(parts, { place: at, days: 2 })
}

/** `npm run restore`, as a person types it for an embedded database. */
function restoreByCommand(backup: string, data: string, ...options: string[]) {
  const script = fileURLToPath(new URL('../../../scripts/restore.ts', import.meta.url))
  const env = { ...process.env, DATA_DIR: data, DATABASE_URL: '', DATABASE_OWNER_URL: '' }
  const command = ['--disable-warning=ExperimentalWarning', script, backup, ...options]
  return promisify(execFile)(process.execPath, command, { env })
}

const request = (name: string, at: Date | undefined) => ({
  ...{ dataDir: join(folder, name, 'postgres'), place, at, timeline: undefined, disk: undefined },
  ...{ replace: false, storage: storage(), say() {} },
})

async function start(name: string): Promise<Postgres> {
  const server = await startPostgres({ dataDir: join(folder, name, 'postgres'), settings: quick })
  started.push(server)
  return server
}

async function checked() {
  const scratch = await mkdtemp(join(folder, 'check-'))
  return checkLog({ place, folder: `log-${keeping.systemId}`, storage: storage(), scratch })
}

/** The whole second after the commit of this shop, and before that of the next. */
const secondAfter = (shop: number) => new Date(Math.ceil((times[shop]?.getTime() ?? 0) / 1000) * 1000)

async function untilNextSecond(server: Postgres): Promise<void> {
  const now = await timeOf(server)
  await sleep(1050 - (now.getTime() % 1000))
}

async function untilWaiting(count: number): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if ((await waitingFiles(keeping.kept)).filter((name) => name.length === 24).length >= count) return
    await sleep(50)
  }
  assert.fail('the server handed over no segment')
}

async function onServer<Answer>(
  { url }: Postgres,
  work: (client: pg.Client) => Promise<Answer>,
): Promise<Answer> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

const timeOf = (server: Postgres) =>
  onServer(server, async (client) => {
    const { rows } = await client.query<{ at: Date }>('select clock_timestamp() as at')
    return rows[0]?.at ?? assert.fail()
  })

/** The shops, and whether each is closed until it was read again. */
const shops = (server: Postgres) =>
  onServer(server, async (client) => {
    const { rows } = await client.query<{ name: string; closed: boolean }>(
      'select name, restored_at is not null as closed from shop s left join shop_gate g on g.shop_id = s.id order by s.id',
    )
    return rows.map(({ name, closed }) => [name, closed])
  })

async function killed(): Promise<void> {
  const [pid] = (await readFile(join(dataDir, 'postmaster.pid'), 'utf8')).split('\n')
  process.kill(Number(pid), 'SIGKILL')
  await sleep(500)
}
