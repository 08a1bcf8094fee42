// npm run prove -- pgbackrest: the steps of docs/operations.md for a PostgreSQL of one's own, with Debian's postgresql-17 and pgbackrest, as root.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { migrate } from '../../server/core/db/migrate.ts'

const programs = '/usr/lib/postgresql/17/bin'
const folder = mkdtempSync(join(tmpdir(), 'sanyi-pgbackrest-'))
const port = 5600 + (process.pid % 300)
const url = `postgres://postgres@127.0.0.1:${port}/sanyi`
const data = join(folder, 'data')
const config = join(folder, 'pgbackrest.conf')
const account = Number(spawnSync('id', ['-u', 'postgres'], { encoding: 'utf8' }).stdout)
const group = Number(spawnSync('id', ['-g', 'postgres'], { encoding: 'utf8' }).stdout)
assert.ok(account > 0, 'install Debian’s postgresql-17 and pgbackrest first')

chownSync(folder, account, account)
try {
  await prove()
} finally {
  run(join(programs, 'pg_ctl'), ['-D', data, '-m', 'immediate', 'stop'], false)
  rmSync(folder, { recursive: true, force: true })
}

async function prove(): Promise<void> {
  writeSettings()
  start()
  await onServer('postgres', 'create database sanyi')
  await migrate(url)
  backrest('stanza-create')
  backrest('check')
  backrest('backup')
  await addShop('before')
  await sleep(1500)
  const target = await onServer('sanyi', `select to_char(now(), 'YYYY-MM-DD HH24:MI:SSOF') as text`)
  await sleep(1500)
  await addShop('after')
  await onServer('sanyi', 'select pg_switch_wal()::text as text')
  await sleep(3000)
  process.kill(Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0]), 'SIGKILL')
  await sleep(1000)
  // pgBackRest takes the file of a killed server for that of a running one.
  rmSync(join(data, 'postmaster.pid'), { force: true })
  const began = performance.now()
  backrest('--delta', 'restore', '--type=time', `--target=${target}`, '--target-action=promote')
  start()
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  assert.equal(await onServer('sanyi', `select string_agg(name, ',') as text from shop`), 'before')
  const script = fileURLToPath(new URL('../../scripts/restore.ts', import.meta.url))
  const quiet = spawnSync(process.execPath, [script, '--quiet', 'pgbackrest'], {
    env: { ...process.env, DATABASE_URL: url, DATA_DIR: join(folder, 'sanyi') },
    encoding: 'utf8',
  })
  assert.equal(quiet.status, 0, quiet.stderr)
  assert.equal(
    await onServer('sanyi', 'select count(*)::text as text from shop_gate where restored_at is not null'),
    '1',
  )
  console.log(`restored to ${target} in ${seconds} s; ${quiet.stdout.trim()}`)
}

function writeSettings(): void {
  mkdirSync(join(folder, 'repository'))
  chownSync(join(folder, 'repository'), account, account)
  const lines = [
    ...['[global]', `repo1-path=${join(folder, 'repository')}`, 'repo1-retention-full=2', 'start-fast=y'],
    ...['compress-type=zst', `log-path=${folder}`, `lock-path=${join(folder, 'lock')}`, '[sanyi]'],
    ...[`pg1-path=${data}`, `pg1-port=${port}`, `pg1-socket-path=${folder}`, ''],
  ]
  writeFileSync(config, lines.join('\n'))
  run(join(programs, 'initdb'), ['-D', data, '--auth=trust', '--encoding=UTF8', '--no-locale'])
  const push = `pgbackrest --config=${config} --stanza=sanyi archive-push %p`
  const settings = [
    ...['', `port = ${port}`, `unix_socket_directories = '${folder}'`, 'archive_mode = on'],
    ...[`archive_command = '${push}'`, 'archive_timeout = 60', ''],
  ]
  writeFileSync(join(data, 'postgresql.conf'), settings.join('\n'), { flag: 'a' })
}

function start(): void {
  run(join(programs, 'pg_ctl'), ['-D', data, '-l', join(folder, 'log'), '-w', 'start'])
}

function backrest(...args: string[]): void {
  run('pgbackrest', [`--config=${config}`, '--stanza=sanyi', ...args])
}

function run(program: string, args: string[], mustSucceed = true): void {
  const ran = spawnSync(program, args, {
    ...{ uid: account, gid: group, cwd: '/' },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (mustSucceed) assert.equal(ran.status, 0, `${program} ${args.join(' ')}`)
}

function addShop(name: string): Promise<string> {
  return onServer(
    'sanyi',
    `insert into shop (platform, variant, name, auth_state) values ('taobao', '', '${name}', 'live') returning name as text`,
  )
}

async function onServer(database: string, text: string): Promise<string> {
  const client = new pg.Client({ connectionString: url.replace(/sanyi$/, database) })
  await client.connect()
  try {
    const { rows } = await client.query<{ text: string }>(text)
    return rows[0]?.text ?? ''
  } finally {
    await client.end()
  }
}
