import type { RequestListener, Server, ServerOptions } from 'node:http'
import { setInterval } from 'node:timers'
import type { Logger } from 'pino'
import type { Config } from '../../config.ts'
import { readCertificates } from './certificates.ts'
import { httpsServer } from './listener.ts'

const lookMs = 60 * 60 * 1000

export type Https = {
  /** Makes the server, with the limits that it would have over plain http. */
  serverWith: (limits: ServerOptions) => (handler: RequestListener) => Server
  /** The local authority's certificate as PEM. Undefined if the installation was given a certificate. */
  authority: string | undefined
  stop(): void
}

/**
 * Opens the certificates of the setting `tls`; undefined if it is off. They are read again each hour: an installation that runs for a year,
 * or whose machine gets another address, goes on without a restart.
 */
export async function openHttps({ tls, ...config }: Config, log: Logger): Promise<Https | undefined> {
  if (!tls) return undefined
  let certificates = await readCertificates({ ...config, tls })
  const servers: ReturnType<typeof httpsServer>[] = []
  const look = async () => {
    const read = await readCertificates({ ...config, tls })
    if (read.server === certificates.server) return
    certificates = read
    for (const server of servers) server.setSecureContext({ cert: read.server, key: read.server })
    log.info('a new certificate is in use')
  }
  const timer = setInterval(
    () =>
      void look().catch((error: unknown) => log.error({ err: error }, 'the certificate cannot be renewed')),
    lookMs,
  ).unref()
  return {
    serverWith: (limits) => (handler) => {
      const { server: pem } = certificates
      const server = httpsServer(handler, { ...limits, cert: pem, key: pem })
      servers.push(server)
      return server
    },
    authority: certificates.authority,
    stop: () => clearInterval(timer),
  }
}
