import type { Routes } from '../core/http/http.ts'
import type { CallDeps } from '../shops/calls.ts'
import { afterSalesRoutes } from './aftersales/desk-routes.ts'
import { downloadRoutes } from './downloads/download-routes.ts'
import { goLiveRoutes } from './downloads/go-live.ts'
import { queueRoutes } from './downloads/queue-routes.ts'
import { doorRoutes } from './push/door-routes.ts'
import { postRoutes } from './push/post-routes.ts'
import { relayPushRoutes } from './push/relay-routes.ts'
import { refundRoutes } from './refunds/refund-routes.ts'
import { sheetRoutes } from './sheets/sheet-routes.ts'
import { tradeRoutes } from './trades/trade-routes.ts'

export function intakeRoutes(calls: Omit<CallDeps, 'db' | 'ring'>): Routes {
  return async (app) => {
    await app.register(queueRoutes)
    await app.register(tradeRoutes)
    await app.register(downloadRoutes)
    await app.register(refundRoutes(calls))
    await app.register(afterSalesRoutes)
    await app.register(goLiveRoutes)
    await app.register(postRoutes(calls.connectors))
    await app.register(doorRoutes(calls.connectors))
    await app.register(sheetRoutes(calls.connectors))
    await app.register(relayPushRoutes(calls.connectors))
  }
}
