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
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
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
        url: `ws://127.0.0.1:${port}/`,
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
