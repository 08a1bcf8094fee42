import { createHash } from 'node:crypto'
import type { WebSocket } from 'ws'
import type { Sandbox } from '../state.ts'
import { addLink, appOf, confirm, type Message, secretOf, sellerId, sendDue } from './books.ts'

/**
 * TMC's side of a websocket (消息服务): little-endian frames, login first, messages as SEND with `__kind` 0, confirmed by SEND with `__kind` 2.
 * A frame out of turn ends the connection.
 */
export function serveTmc(sandbox: Sandbox, socket: WebSocket): void {
  const { push, world } = sandbox
  let app = ''
  let token = ''
  let leave = () => {}
  const breakOff = () => {
    push.counts.broken++
    socket.terminate()
  }
  socket.on('close', () => leave())
  socket.on('message', (data, isBinary) => {
    const frame = isBinary ? decode(Buffer.from(data as Buffer)) : undefined
    if (frame === undefined) return breakOff()
    if (app === '') {
      const why = frame.type === 0 ? whyRefused(sandbox, frame.fields) : 'not connected'
      if (why !== '') {
        push.counts.refused++
        socket.send(encode(1, [], { status: 401, phrase: why }))
        socket.close()
        return
      }
      app = appOf('taobao', frame.fields.get('app_key') ?? '')
      token = `tmc-${push.nextId++}`
      socket.send(encode(1, [], { token }))
      leave = addLink(push, app, {
        send: (message) => {
          push.counts.sent++
          socket.send(encode(2, fieldsOf(message), { token }))
        },
        end: () => socket.terminate(),
      })
      return
    }
    if (frame.type !== 2 || frame.token !== token) return breakOff()
    const kind = frame.fields.get('__kind')
    if (kind === '1') sendDue(push, app)
    else if (kind === '2') confirm(push, app, BigInt(frame.fields.get('id') ?? '0'))
    else breakOff()
  })

  function fieldsOf({ id, shop, topic, content, publishedAt }: Message): Field[] {
    return [
      ['__kind', 2, 0],
      ['id', 5, id],
      ['topic', 1, topic],
      ['content', 1, content],
      ['userid', 5, BigInt(sellerId(shop))],
      ['nick', 1, shop.options.name],
      ['dataid', 5, id],
      ['publisher', 1, '4272'],
      ['time', 6, BigInt(publishedAt)],
      ['outtime', 6, BigInt(world.clock.now())],
    ]
  }
}

function whyRefused(sandbox: Sandbox, fields: ReadonlyMap<string, string>): string {
  const text = (name: string) => fields.get(name) ?? ''
  if (sandbox.push.faults.refuse) return 'Remote service error'
  const [key, group, timestamp] = [text('app_key'), text('group_name'), text('timestamp')]
  if (group === '' || text('sdk') === '') return 'Missing arguments'
  const secret = secretOf(sandbox.world, appOf('taobao', key), timestamp)
  if (secret === undefined) return 'Invalid app_key or timestamp'
  const base = `${secret}app_key${key}group_name${group}timestamp${timestamp}${secret}`
  const sign = createHash('md5').update(base).digest('hex').toUpperCase()
  return sign === text('sign') ? '' : 'Invalid sign'
}

/** A custom header: key, type of the value, value. */
type Field = readonly [key: string, type: 1 | 2 | 5 | 6, value: string | number | bigint]
interface Decoded {
  type: number
  token: string
  fields: Map<string, string>
}

function encode(
  type: number,
  fields: readonly Field[],
  head: { status?: number; phrase?: string; token?: string } = {},
): Buffer {
  const out: Buffer[] = [Buffer.of(2, type)]
  const put = (size: number, write: (bytes: Buffer) => void) => {
    const bytes = Buffer.alloc(size)
    write(bytes)
    out.push(bytes)
  }
  const short = (value: number) => put(2, (bytes) => bytes.writeInt16LE(value))
  const long = (value: number) => put(4, (bytes) => bytes.writeInt32LE(value))
  const text = (value: string) => {
    long(Buffer.byteLength(value))
    out.push(Buffer.from(value))
  }
  if (head.status !== undefined) {
    short(2)
    long(head.status)
  }
  if (head.phrase !== undefined) {
    short(3)
    text(head.phrase)
  }
  if (head.token !== undefined) {
    short(5)
    text(head.token)
  }
  for (const [key, kind, value] of fields) {
    short(1)
    text(key)
    out.push(Buffer.of(kind))
    if (kind === 1) text(String(value))
    else if (kind === 2) out.push(Buffer.of(Number(value)))
    else put(8, (bytes) => bytes.writeBigInt64LE(BigInt(value)))
  }
  short(0)
  return Buffer.concat(out)
}

/** Undefined: no frame of version 2. */
function decode(bytes: Buffer): Decoded | undefined {
  let place = 2
  const take = (size: number) => {
    place += size
    return place - size
  }
  const text = () => {
    const length = bytes.readInt32LE(take(4))
    const start = take(length)
    if (length < 0 || place > bytes.length) throw new RangeError('too short')
    return bytes.toString('utf8', start, place)
  }
  const decoded: Decoded = { type: bytes[1] ?? 255, token: '', fields: new Map() }
  try {
    if (bytes[0] !== 2) return undefined
    for (;;) {
      const header = bytes.readInt16LE(take(2))
      if (header === 0) return place === bytes.length ? decoded : undefined
      if (header === 5) decoded.token = text()
      else if (header === 1) {
        const key = text()
        const kind = bytes.readUInt8(take(1))
        if (kind === 1) decoded.fields.set(key, text())
        else if (kind === 2) decoded.fields.set(key, String(bytes.readUInt8(take(1))))
        else if (kind === 5) decoded.fields.set(key, String(bytes.readBigInt64LE(take(8))))
        else return undefined
      } else return undefined
    }
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}
