import assert from 'node:assert/strict'
import { test } from 'node:test'
import { costOf } from '../../../sandbox/shopify/cost.ts'
import { graphql } from '../../../sandbox/shopify/library.ts'
import { answerIn } from '../conformance/fixtures.ts'
import { listLimits } from './lists.ts'
import * as queries from './queries.ts'
import { sizes } from './sizes.ts'

const { library, schema } = graphql()
/** The most rows that any call asks for. */
const most = {
  first: listLimits.pageSize,
  ids: Array.from({ length: sizes.levelsAtOnce }, (_, at) => `gid://shopify/ProductVariant/${at}`),
}
const own: Readonly<Record<string, object>> = {
  variantList: { first: sizes.goods },
}

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

test('an order of two lines costs 63 points, however much it could show', () => {
  const order = answerIn(import.meta.url, 'order')
  assert.equal(costOf(library.parse(queries.orderQuery), {}, { order }), 63)
})

test('the places of a variety cost 20 points, so that forty varieties are read in a call', () => {
  assert.equal(costOf(library.parse(queries.variantStock), { ids: ['1'] }), 20)
})
