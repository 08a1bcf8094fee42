import { test } from 'node:test'
import { testApp } from '../testing/app.ts'
import { requestTypes } from '../testing/request-types.ts'
import { assertWritten } from '../testing/surface.ts'

/** Reached by links, never by the pages' own requests. */
const links = /^\/api\/(docs|openapi|exports|oauth)\b/

test('the pages type their requests by the very schemas with which the server checks them', async () => {
  await using house = await testApp()
  const routes = house.app.routeList.filter(
    ({ method, url }) => url.startsWith('/api/') && method !== 'HEAD' && !links.test(url),
  )
  assertWritten('web/src/requests.ts', requestTypes(routes), process.env['SURFACE'] === 'write')
})
