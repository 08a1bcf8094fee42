import type { Server } from 'node:http'
import { WebSocketServer } from 'ws'
import type { Sandbox } from '../state.ts'
import { pmcClient, servePmc } from './pmc.ts'
import { serveTmc } from './tmc.ts'

/** Serves the platforms' message services on the simulator's port: TMC at /, PMC at /message/…. Returns the function that ends them. */
export function servePush(sandbox: Sandbox, server: Server): () => void {
  const sockets = new WebSocketServer({ noServer: true, autoPong: false })
  sockets.on('connection', (socket) => {
    socket.on('ping', (data) => {
      if (!sandbox.push.faults.mute) socket.pong(data)
    })
    socket.on('error', () => socket.terminate())
  })
  server.on('upgrade', (request, socket, head) => {
    const path = request.url ?? '/'
    const client = path === '/' ? '' : pmcClient(sandbox, path)
    if (client === undefined) {
      sandbox.push.counts.refused++
      socket.end('HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\nconnection: close\r\n\r\n')
      return
    }
    sockets.handleUpgrade(request, socket, head, (opened) => {
      sockets.emit('connection', opened, request)
      if (path === '/') serveTmc(sandbox, opened)
      else servePmc(sandbox, client, opened)
    })
  })
  return () => {
    for (const socket of sockets.clients) socket.terminate()
    sockets.close()
  }
}
