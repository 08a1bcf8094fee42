import Type, { type Static } from 'typebox'
import { idSchema, nullable, pageOf, pageQuery, timeAnswer, timeOrNull } from '../core/http/http-contract.ts'
import { flagText, oneOf, searchText } from '../core/lists/list-contract.ts'
import { rowRefusal } from '../core/sheets/sheet-contract.ts'
import { listingStatuses, matchWays } from './lifecycle.ts'

const closed = { additionalProperties: false }

const skuFacts = {
  id: Type.String(),
  code: Type.String(),
  productId: Type.String(),
  productCode: Type.String(),
  name: Type.String(),
  category: Type.String(),
  brand: Type.String(),
  spec: Type.String(),
  weightG: nullable(Type.Integer()),
  priceFen: nullable(Type.Integer()),
  referenceFen: nullable(Type.Integer()),
  pictureUrl: Type.String(),
  /** The picture of a listing that the SKU is matched with, shown if the SKU has no picture of its own. */
  listingPictureUrl: Type.String(),
  isBundle: Type.Boolean(),
  /** 整单一扫: one scan at a station counts all its pieces in the parcel. */
  scanOnce: Type.Boolean(),
  /** 扫串号: each piece has a serial number, which is scanned at a station. */
  needsSerial: Type.Boolean(),
  active: Type.Boolean(),
  version: Type.Integer(),
  barcodes: Type.Array(Type.String()),
  createdAt: timeAnswer,
  updatedAt: timeAnswer,
}
export const skuRow = Type.Object({
  ...skuFacts,
  /** The number of matched listings in shops that the user may see. */
  listingCount: Type.Integer(),
  partCount: Type.Integer(),
})
export type SkuRowOut = Static<typeof skuRow>

/** Query of the SKU picker. `q`: text in code, name, spec or barcode. `retired`: also finds SKUs that are not in use. */
export const skuChoicesQuery = Type.Object(
  { q: Type.Optional(Type.String({ maxLength: 80 })), retired: Type.Optional(flagText) },
  { additionalProperties: false },
)
export const skuChoices = Type.Object({
  rows: Type.Array(
    Type.Object({
      id: Type.String(),
      code: Type.String(),
      name: Type.String(),
      spec: Type.String(),
      barcodes: Type.Array(Type.String()),
      active: Type.Boolean(),
      /** The price of the SKU; null: it has no price, or the user may not see products. */
      priceFen: nullable(Type.Integer()),
    }),
  ),
})

const skuPart = Type.Object({
  skuId: Type.String(),
  code: Type.String(),
  name: Type.String(),
  spec: Type.String(),
  pictureUrl: Type.String(),
  listingPictureUrl: Type.String(),
  quantity: Type.Integer(),
  active: Type.Boolean(),
})
export type SkuPart = Static<typeof skuPart>

export const listingRow = Type.Object({
  id: Type.String(),
  shopId: Type.String(),
  itemId: Type.String(),
  platformSkuId: Type.String(),
  outerItemId: Type.String(),
  outerSkuId: Type.String(),
  title: Type.String(),
  spec: Type.String(),
  pictureUrl: Type.String(),
  priceFen: nullable(Type.Integer()),
  quantity: nullable(Type.Integer()),
  status: oneOf(listingStatuses),
  skuId: nullable(Type.String()),
  skuCode: nullable(Type.String()),
  skuName: nullable(Type.String()),
  skuSpec: nullable(Type.String()),
  /** Empty: the listing is not matched. */
  matchedHow: oneOf(['', ...matchWays] as const),
  /** Name of the user who matched the listing by hand or by a sheet, or who unmatched it; empty: no user did. */
  matchedBy: Type.String(),
  matchedAt: timeOrNull,
  modifiedAt: timeAnswer,
  listedAt: timeOrNull,
  createdAt: timeAnswer,
})
export type ListingRow = Static<typeof listingRow>

export const skuDetail = Type.Object({
  ...skuFacts,
  parts: Type.Array(skuPart),
  bundles: Type.Array(Type.Object({ skuId: Type.String(), code: Type.String(), quantity: Type.Integer() })),
  /** The latest 200 listings of the SKU in shops that the user may see. */
  listings: Type.Array(listingRow),
})
export type SkuDetail = Static<typeof skuDetail>

/** The SKUs that a listing may be, most likely first, with the reason. */
export const suggestions = Type.Object({
  rows: Type.Array(Type.Object({ ...skuRow.properties, why: oneOf(['code', 'item', 'title']) })),
})
export type Suggestion = Static<typeof suggestions>['rows'][number]

const codeText = Type.String({ minLength: 1, maxLength: 64, pattern: '^\\S(.*\\S)?$' })
const label = Type.String({ maxLength: 60 })
const fen = nullable(Type.Integer({ minimum: 0, maximum: 1_000_000_000_000 }))
const barcodes = Type.Array(codeText, { maxItems: 50, uniqueItems: true })
const skuFields = {
  spec: Type.Optional(Type.String({ maxLength: 200 })),
  weightG: Type.Optional(nullable(Type.Integer({ minimum: 0, maximum: 100_000_000 }))),
  priceFen: Type.Optional(fen),
  referenceFen: Type.Optional(fen),
  pictureUrl: Type.Optional(Type.String({ maxLength: 1000, pattern: '^(https?:)?//|^$' })),
  barcodes: Type.Optional(barcodes),
  scanOnce: Type.Optional(Type.Boolean()),
  needsSerial: Type.Optional(Type.Boolean()),
}
const productName = Type.String({ minLength: 1, maxLength: 200, pattern: '\\S' })
export const newSkus = Type.Object(
  {
    rows: Type.Array(
      Type.Object(
        {
          code: codeText,
          productCode: Type.Optional(codeText),
          name: Type.Optional(productName),
          category: Type.Optional(label),
          brand: Type.Optional(label),
          ...skuFields,
        },
        closed,
      ),
      { minItems: 1, maxItems: 200 },
    ),
  },
  closed,
)
export const skuEdits = Type.Object(
  {
    rows: Type.Array(
      Type.Object(
        {
          id: idSchema,
          version: Type.Optional(Type.Integer({ minimum: 1 })),
          code: Type.Optional(codeText),
          ...skuFields,
        },
        closed,
      ),
      { minItems: 1, maxItems: 200 },
    ),
  },
  closed,
)
export const bundleInput = Type.Object(
  {
    rows: Type.Array(
      Type.Object(
        {
          id: idSchema,
          version: Type.Optional(Type.Integer({ minimum: 1 })),
          parts: Type.Array(
            Type.Object({ skuId: idSchema, quantity: Type.Integer({ minimum: 1, maximum: 10_000 }) }, closed),
            { maxItems: 100 },
          ),
        },
        closed,
      ),
      { minItems: 1, maxItems: 200 },
    ),
  },
  closed,
)

export const product = Type.Object({
  id: Type.String(),
  code: Type.String(),
  name: Type.String(),
  category: Type.String(),
  brand: Type.String(),
  skuCount: Type.Integer(),
  activeCount: Type.Integer(),
})
export type ProductRow = Static<typeof product>
export const productList = pageOf(product)
export const productListQuery = Type.Object({ q: Type.Optional(searchText), ...pageQuery }, closed)
const productFields = { category: Type.Optional(label), brand: Type.Optional(label) }
export const newProducts = Type.Object(
  {
    rows: Type.Array(Type.Object({ code: codeText, name: productName, ...productFields }, closed), {
      minItems: 1,
      maxItems: 200,
    }),
  },
  closed,
)
export const productEdits = Type.Object(
  {
    rows: Type.Array(
      Type.Object(
        {
          id: idSchema,
          code: Type.Optional(codeText),
          name: Type.Optional(productName),
          ...productFields,
        },
        closed,
      ),
      { minItems: 1, maxItems: 200 },
    ),
  },
  closed,
)

export const matchFields = { skuId: idSchema }

/** Base64 of an XLSX or CSV file; the first row has the column names. */
export const sheetInput = Type.Object({ file: Type.String({ minLength: 1, maxLength: 7_000_000 }) }, closed)
export const sheetReport = Type.Object({
  /** Number of rows below the header that are not empty. */
  rows: Type.Integer(),
  created: Type.Integer(),
  updated: Type.Integer(),
  refused: Type.Array(rowRefusal),
})
export type SheetReport = Static<typeof sheetReport>
