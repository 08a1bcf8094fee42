import { type Routes, route } from '../../core/http/http.ts'
import { outcomes } from '../../core/lists/list-contract.ts'
import { scanInput } from './aftersale-contract.ts'
import { scanPutBack } from './put-backs.ts'

export const aftersaleRoutes: Routes = async (app) => {
  app.post(
    '/api/put-backs/scan',
    route(
      'aftersale.put_back',
      'A number is scanned: all that waits of it is put back',
      { tags: ['fulfilment'], body: scanInput, response: { 200: outcomes } },
      ['not_found'],
    ),
    async ({ body, actor, scope }) => ({
      results: await app.db.transaction().execute((tx) => scanPutBack(tx, body.number, { actor, scope })),
    }),
  )
}
