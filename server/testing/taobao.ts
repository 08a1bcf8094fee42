import { type TestSandbox, tmall } from '../../sandbox/testing.ts'
import type { Call } from '../connectors/connector.ts'

/** A call as the shop 天猫 of the sandbox; the methods that it requests are put into `sent`, which is emptied. */
export function tmallCall(sandbox: TestSandbox, sent: string[]): Call {
  sent.length = 0
  return {
    credentials: {
      appKey: tmall.appKey,
      appSecret: tmall.appSecret,
      gatewayUrl: `${sandbox.url}/router/rest`,
      signMethod: 'hmac',
    },
    session: tmall.sessionKey,
    variant: 'tmall',
    now: () => new Date(sandbox.clock.now()),
    onRequest: ({ method }) => sent.push(method.replace('taobao.', '')),
  }
}
