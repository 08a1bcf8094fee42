import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'
import { answerCloud } from './print-dialects/cloud.ts'
import type { PrintClient, PrintClientKind } from './print-dialects/printing.ts'
import { isFields } from './print-dialects/printing.ts'
import { answerWeixin } from './print-dialects/weixin.ts'

export const PRINT_CLIENTS = [
  'cainiao',
  'pinduoduo',
  'doudian',
  'weixin',
  'kuaishou',
  'xiaohongshu',
] as const satisfies PrintClientKind[]
const PORTS: Record<PrintClientKind, number> = {
  cainiao: 13528,
  pinduoduo: 5000,
  doudian: 13888,
  weixin: 12705,
  kuaishou: 16888,
  xiaohongshu: 10818,
}
/** The one path at which a client answers; empty: any. */
const PATHS: Partial<Record<PrintClientKind, string>> = { kuaishou: '/ks/printer' }

export type { PrintClient } from './print-dialects/printing.ts'

interface Options {
  kind?: PrintClientKind
  /** Cainiao's client for Windows and its newer versions send their messages in different orders. */
  newer?: boolean
  /** Where the client of 抖店 asks for the key of a label; left out: it does not ask. */
  gateway?: string
  port?: number
}

/** Starts a print client (打印组件) as a clerk has it on her machine: JSON commands over a websocket on loopback. */
export function startPrintClient({
  kind = 'cainiao',
  port = PORTS[kind],
  newer = false,
  gateway = '',
}: Options = {}): Promise<PrintClient> {
  // The pictures of previews are served beside the websocket; a real client has a port of its own for them.
  const pictures = createServer((_asked, answer) => {
    answer.writeHead(200, { 'content-type': 'image/svg+xml' }).end(PICTURE)
  })
  const path = PATHS[kind] ?? ''
  const server = new WebSocketServer(path === '' ? { server: pictures } : { server: pictures, path })
  const client: PrintClient = {
    url: '',
    printed: [],
    areas: new Map(),
    arrived: 0,
    faults: {},
    get connections() {
      return server.clients.size
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of server.clients) socket.terminate()
        server.close(() => pictures.close(() => resolve()))
        pictures.closeAllConnections()
      }),
  }
  // A port that is taken is an error of the server beneath, which rejects; the websocket server repeats it.
  server.on('error', () => undefined)
  server.on('connection', (socket) => {
    socket.on('message', (data) => {
      if (client.faults.silent) return
      const asked: unknown = JSON.parse(String(data))
      if (!isFields(asked)) return
      if (kind === 'weixin') answerWeixin(client, asked, socket)
      else void answerCloud(client, asked, { socket, kind, newer, gateway })
    })
  })
  return new Promise((resolve, reject) => {
    pictures.once('error', reject)
    pictures.once('listening', () => {
      const address = pictures.address()
      client.url = `ws://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : port}${path}`
      resolve(client)
    })
    pictures.listen(port, '127.0.0.1')
  })
}

const PICTURE =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 76 130" width="304" height="520"><rect width="76" height="130" fill="#fff" stroke="#000"/><text x="4" y="14" font-size="8">电子面单</text><text x="4" y="30" font-size="12">300-A1 08</text></svg>'
