import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { restSeconds } from '../server/intake/push-state.ts'
import { addKey } from '../server/lib/key-file.ts'
import { until } from '../server/testing/until.ts'
import { describe } from './checker.ts'
import { endOfDay } from './day.ts'
import { type House, openHouse } from './day-house.ts'
import { hurry } from './settle.ts'

/** `npm run prove houses` has all shops and more trades, and looks longer. */
const whole = process.env['HOUSES'] === 'all'

test('a worker whose clock is ten minutes fast works by the database’s: no mark lies in the future, and it is an alarm', async () => {
  await using house = await openHouse({
    ...(whole ? { trades: 60 } : { trades: 20, shops: 6 }),
    seed: 'clock',
  })
  await house.start('web')
  // Five minutes from now; for a worker that used its own clock it would be five minutes old.
  await addKey(String(house.environment().SEALING_KEY_PATH), { usedInMs: 300_000 })
  await hurry(house)
  const { worker, said } = startAhead(house)
  try {
    await until(() => said().includes('"working"'), 60_000)
    assert.match(said(), /"aheadMs":(59\d{4}|60[0-5]\d{3}).*"the clock is wrong"/)
    const began = await sql<{ at: Date }>`select clock_timestamp() as at`.execute(house.db)
    let marks = 0
    await until(async () => {
      const found = await sql<{ marks: number; ahead: number; done: number }>`
        select (select count(*)::int from stream_cursor) as marks,
          (select count(*)::int from stream_cursor where complete_to > clock_timestamp()) as ahead,
          (select count(*)::int from task_run where state = 'done' and started_at > ${began.rows[0]?.at ?? null}) as done`.execute(
        house.db,
      )
      const [now] = found.rows
      assert.equal(now?.ahead, 0)
      marks = now?.marks ?? 0
      return (now?.done ?? 0) > (whole ? 60 : 25) && marks >= 4
    }, 90_000)
    assert.ok(marks >= 4, `${marks} marks`)
    const late = await sql<{ what: string }>`
      select 'order ' || no as what from sales_order where created_at > clock_timestamp()
      union all select 'task ' || kind from task
        where interval_seconds is not null and next_run_at > clock_timestamp() + make_interval(secs => greatest(interval_seconds, ${restSeconds}) + 1)`.execute(
      house.db,
    )
    assert.deepEqual(late.rows, [])
    const { body } = await house.boss.call('GET', '/api/alarms')
    const alarm = Object(body).rows.find(({ kind }: { kind: string }) => kind === 'clock_skew')
    assert.match(alarm?.title.en, /^The clock of \S+ is 10 min ahead$/)
    assert.match(alarm?.title.zh, /^\S+ 的时钟快 10 分钟$/)
  } finally {
    const gone = new Promise((settle) => worker.once('exit', settle))
    worker.kill('SIGKILL')
    await gone
  }
  assert.doesNotMatch(said(), /keys changed/)
  const { checked, restless } = await endOfDay(house, 90_000)
  assert.deepEqual(restless, [])
  assert.deepEqual(checked.differences, [], describe(checked))
  assert.ok(checked.trades > (whole ? 100 : 40), `${checked.trades} trades`)
})

/** Starts a worker with a fast clock: with a preloaded library if it is installed, otherwise with our own clock in the process. */
function startAhead(house: House): { worker: ChildProcess; said: () => string } {
  const script = fileURLToPath(new URL('../server/worker.ts', import.meta.url))
  const library = libraryPlaces.find((path) => existsSync(path))
  const ownClock = ['--import', new URL('clock.ts', import.meta.url).href]
  const env = library ? { LD_PRELOAD: library, FAKETIME: '+10m' } : { CLOCK_AHEAD_MS: '600000' }
  const args = ['--disable-warning=ExperimentalWarning', ...(library ? [] : ownClock), script]
  const worker = spawn(process.execPath, args, {
    env: { ...house.environment(), ...env },
    // The channel closes when this process ends for any reason, and the child then ends too.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let text = ''
  for (const stream of [worker.stdout, worker.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      text += chunk.toString()
    })
  }
  return { worker, said: () => text }
}

const libraryPlaces = ['x86_64', 'aarch64'].map(
  (machine) => `/usr/lib/${machine}-linux-gnu/faketime/libfaketime.so.1`,
)
