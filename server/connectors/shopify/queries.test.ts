import assert from 'node:assert/strict'
import { test } from 'node:test'
import { costOf } from '../../../sandbox/shopify/cost.ts'
import { graphql } from '../../../sandbox/shopify/library.ts'
import { listLimits } from './lists.ts'
import * as queries from './queries.ts'

const { library, schema } = graphql()
/** The most rows that any call asks for. */
const most = {
  first: listLimits.pageSize,
  ids: Array.from({ length: 40 }, (_, at) => `gid://shopify/ProductVariant/${at}`),
}
const own: Readonly<Record<string, object>> = { variantList: { first: 100 }, skipVariants: { first: 250 } }

for (const [name, query] of Object.entries(queries))
  test(`${name} asks for what the schema has, and costs less than a call may`, () => {
    const document = library.parse(query)
    assert.deepEqual(
      library.validate(schema, document).map(({ message }) => message),
      [],
    )
    const points = costOf(document, { ...most, ...own[name] })
    assert.ok(points <= 1000, `${points} points`)
  })

test('an order costs about as much as is said of it', () => {
  assert.ok(costOf(library.parse(queries.orderQuery), {}) > 300)
})
