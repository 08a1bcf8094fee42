import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { type WebSocket, WebSocketServer } from 'ws'
import type { PushSource } from '../../connectors/push.ts'
import { until } from '../../testing/until.ts'
import { keepConnection } from './connection.ts'

test('a flood is read no faster than it is stored, and does not keep a connection from ending', async () => {
  const { server, url } = await platform()
  let flooding = true
  let acknowledged = 0
  server.on('connection', (socket: WebSocket) => {
    socket.on('message', (data) => {
      if (String(data) === 'ack') acknowledged += 1
    })
    const flood = () => {
      while (flooding && socket.bufferedAmount < 2_000_000) socket.send('x'.repeat(60_000))
      if (flooding && socket.readyState === socket.OPEN) setImmediate(flood)
    }
    flood()
  })
  let heard = 0
  const push: PushSource = {
    appKey: () => 'app',
    permit: async () => {},
    socket: {
      beatMs: 1000,
      session: () => ({
        url,
        beat: () => 'beat',
        read(frame) {
          heard += 1
          const hint = { kind: 'other' } as const
          const message = { id: String(heard), topic: '', shops: [], hint, raw: String(frame) }
          return { kind: 'message', message, acknowledge: () => 'ack' }
        },
      }),
    },
  }
  let stored = 0
  let isOpen = false
  const connection = keepConnection(
    {
      log: pino({ level: 'silent' }),
      async store(messages) {
        await until(() => isOpen)
        stored += messages.length
      },
    },
    { channel: 'test:app', platform: 'test', push, apps: [{}], shopIds: [], relayIds: [] },
  )
  await until(() => heard > 200)
  await sleep(300)
  const atRest = heard
  await sleep(300)
  assert.equal(heard, atRest)
  assert.ok(atRest * 60_000 < 30_000_000, `${atRest} messages were read`)
  assert.equal(stored + acknowledged, 0)
  isOpen = true
  await until(() => heard > 2 * atRest && acknowledged > 0)
  await connection.stop()
  const atEnd = stored
  await sleep(200)
  assert.equal(stored, atEnd)
  flooding = false
  for (const socket of server.clients) socket.terminate()
  server.close()
})

test('a platform that accepts logins and then says nothing gives no sign until it answers again', async () => {
  const { server, url } = await platform({ autoPong: false })
  let answers = true
  let logins = 0
  server.on('connection', (socket: WebSocket) => {
    socket.on('ping', () => answers && socket.pong())
    socket.on('message', (data) => {
      if (String(data) !== 'hello') return
      logins += 1
      socket.send('welcome')
    })
  })
  const push: PushSource = {
    appKey: () => 'app',
    permit: async () => {},
    socket: {
      beatMs: 60_000,
      session: () => ({
        url,
        hello: 'hello',
        beat: () => 'beat',
        read: () => ({ kind: 'ready' }),
      }),
    },
  }
  const connection = keepConnection(
    { log: pino({ level: 'silent' }), store: async () => {}, signs: { pingMs: 20, silentMs: 200 } },
    { channel: 'test:app', platform: 'test', push, apps: [{}], shopIds: [], relayIds: [] },
  )
  await until(() => connection.heardMs() !== null)
  await sleep(300)
  assert.equal(logins, 1)
  answers = false
  await until(() => connection.heardMs() === null)
  await until(() => logins === 3)
  await sleep(50)
  assert.deepEqual([connection.heardMs(), connection.errorCode()], [null, 'no_sign'])
  answers = true
  await until(() => connection.heardMs() !== null)
  assert.equal(connection.errorCode(), '')
  await connection.stop()
  server.close()
})

/** Opens the WebSocket server of a platform. */
async function platform(options: { autoPong?: boolean } = {}) {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, ...options })
  await once(server, 'listening')
  const address = server.address()
  return { server, url: `ws://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/` }
}
