import { type Routes, route } from '../core/http/http.ts'
import { idParams } from '../core/http/http-contract.ts'
import { pageById } from '../core/lists/list.ts'
import { idsInput, outcomes } from '../core/lists/list-contract.ts'
import { sheetBodyLimit } from '../core/sheets/sheet-rows.ts'
import { AppError } from '../errors.ts'
import {
  bundleInput,
  newProducts,
  newSkus,
  productEdits,
  productList,
  productListQuery,
  sheetInput,
  sheetReport,
  skuChoices,
  skuChoicesQuery,
  skuDetail,
  skuEdits,
} from './contract.ts'
import { findSkus } from './find.ts'
import { listingRoutes } from './listings/listing-routes.ts'
import { setBundles, type UsesOf } from './skus/bundles.ts'
import { importSkus } from './skus/import-skus.ts'
import { createProducts, editProducts, retireProducts } from './skus/products.ts'
import { saveSkus } from './skus/save-skus.ts'
import { editSkus } from './skus/skus.ts'
import { productPage, wholeSku } from './view-queries.ts'

type App = Parameters<Routes>[0]
const tags = ['catalog']

/**
 * The routes of 商品: products, SKUs, bundles, and the shops' listings. `usesOf` comes from the slice orders, which this slice may not
 * import.
 */
export function catalogRoutes({ usesOf }: { usesOf: UsesOf }): Routes {
  return async (app) => {
    skuRoute(app)
    choiceRoute(app)
    skuVerbs(app)
    bundleRoute(app, usesOf)
    productRoutes(app)
    await app.register(listingRoutes)
  }
}

function skuRoute(app: App): void {
  const { db } = app
  app.get(
    '/api/skus/:id',
    route('catalog.read', 'One SKU', { tags, params: idParams, response: { 200: skuDetail } }, ['not_found']),
    async ({ params, scope }) => {
      const sku = await wholeSku(db, params.id, scope)
      if (!sku) throw new AppError('not_found', { what: { zh: 'SKU', en: 'SKU' } })
      return sku
    },
  )
}

function choiceRoute(app: App): void {
  const { db } = app
  app.get(
    '/api/sku-choices',
    route('signed_in', 'SKUs for pickers', {
      tags,
      querystring: skuChoicesQuery,
      response: { 200: skuChoices },
    }),
    async ({ query: { q = '', retired }, scope, permissions }) => {
      const priced = permissions.has('catalog.read')
      const rows = await findSkus(db, { text: q.trim(), scope, retired: retired === 'true', limit: 20 })
      return {
        rows: rows.map(({ id, code, name, spec, barcodes, active, priceFen }) => ({
          ...{ id, code, name, spec, barcodes, active, priceFen: priced ? priceFen : null },
        })),
      }
    },
  )
}

function skuVerbs(app: App): void {
  const { db } = app
  const response = { 200: outcomes }
  app.post(
    '/api/skus',
    route('catalog.write', 'Add SKUs, and their products where those are new', {
      tags,
      body: newSkus,
      response,
    }),
    async ({ body, actor }) => {
      const saved = await db.transaction().execute((tx) => saveSkus(tx, body.rows, actor, { onlyNew: true }))
      const results = saved.map((one, at) => {
        const ref = body.rows[at]?.code ?? ''
        return one.done ? { id: one.id, done: true as const, ref } : { ...one, id: '', ref }
      })
      return { results }
    },
  )
  app.patch(
    '/api/skus',
    route('catalog.write', 'Change SKUs and their barcodes', { tags, body: skuEdits, response }),
    async ({ body, actor }) => ({
      results: await db.transaction().execute((tx) => editSkus(tx, body.rows, actor)),
    }),
  )
  app.post(
    '/api/skus/import',
    {
      ...route(
        'catalog.write',
        'Add and change SKUs by a sheet',
        { tags, body: sheetInput, response: { 200: sheetReport } },
        ['sheet_unreadable', 'sheet_too_large'],
      ),
      bodyLimit: sheetBodyLimit,
    },
    ({ body, actor }) => importSkus(db, Buffer.from(body.file, 'base64'), actor),
  )
}

function bundleRoute(app: App, usesOf: UsesOf): void {
  const { db } = app
  app.put(
    '/api/skus/parts',
    route('catalog.write', 'Say what bundles are made of', {
      tags,
      body: bundleInput,
      response: { 200: outcomes },
    }),
    async ({ body, actor }) => ({
      results: await db.transaction().execute((tx) => setBundles(tx, body.rows, actor, usesOf)),
    }),
  )
}

function productRoutes(app: App): void {
  const { db } = app
  const response = { 200: outcomes }
  app.get(
    '/api/products',
    route('catalog.read', 'Products, newest first', {
      tags,
      querystring: productListQuery,
      response: { 200: productList },
    }),
    ({ query: { q = '', after, limit = 50 } }) =>
      pageById({ after, limit }, (page) => productPage(db, q.trim(), page)),
  )
  app.post(
    '/api/products',
    route('catalog.write', 'Add products', { tags, body: newProducts, response }),
    async ({ body, actor }) => ({
      results: await db.transaction().execute((tx) => createProducts(tx, body.rows, actor)),
    }),
  )
  app.patch(
    '/api/products',
    route('catalog.write', 'Change products', { tags, body: productEdits, response }),
    async ({ body, actor }) => ({
      results: await db.transaction().execute((tx) => editProducts(tx, body.rows, actor)),
    }),
  )
  app.post(
    '/api/products/retire',
    route('catalog.write', 'Retire every SKU of products', { tags, body: idsInput, response }),
    async ({ body, actor }) => ({
      results: await db.transaction().execute((tx) => retireProducts(tx, body.ids, actor)),
    }),
  )
}
