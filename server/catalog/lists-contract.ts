import { declareList } from '../core/lists/declare-contract.ts'
import type { ListingRow, SkuRowOut } from './contract.ts'
import { listingStatusWords, matchWayWords } from './lifecycle.ts'

const number = { width: '88px', align: 'right' } as const
const moment = { width: '108px', align: 'right' } as const

export const skuList = declareList<SkuRowOut>()({
  name: 'skus',
  path: '/skus',
  title: ['商品', 'Products'],
  permission: 'catalog.read',
  summary: 'SKUs',
  tab: 'active',
  tabs: {
    active: {
      words: ['在用', 'In use'],
      groups: ['active'],
      empty: {
        title: ['还没有商品', 'No products yet'],
        remedy: [
          '按 N 新增，或按 I 用表格导入。平台商品按商家编码自动匹配。',
          'Press N to add one or I to import a sheet. Listings are matched by their outer codes.',
        ],
      },
    },
    bundle: {
      words: ['套餐', 'Bundles'],
      groups: ['active'],
      asks: { bundle: 'true' },
      empty: {
        title: ['没有套餐', 'No bundles'],
        remedy: [
          '打开一个 SKU，按 B 写明它由什么组成。',
          'Open a SKU and press B to say what it is made of.',
        ],
      },
    },
    retired: {
      words: ['停用', 'Retired'],
      groups: ['retired'],
      empty: {
        title: ['没有停用的 SKU', 'Nothing is retired'],
        remedy: ['停用的 SKU 可在这里恢复。', 'Retired SKUs are brought back here.'],
      },
    },
    all: { words: ['全部', 'All'], groups: ['active', 'retired'] },
  },
  sorts: ['createdAt', 'updatedAt', 'code'],
  sort: '-createdAt',
  filters: {
    q: {
      words: ['搜索', 'Search'],
      kind: 'text',
      hint: ['商家编码、名称、规格、条码', 'Code, name, spec or barcode'],
      few: true,
    },
    category: { words: ['分类', 'Category'], kind: 'text' },
    brand: { words: ['品牌', 'Brand'], kind: 'text' },
    bundle: {
      words: ['套餐', 'Bundle'],
      kind: 'choices',
      one: true,
      choices: { false: ['单品', 'Single SKUs'], true: ['套餐', 'Bundles'] },
      facet: 'skuKind',
    },
    /** True: SKUs with which a listing is matched; false: the others. */
    listed: { words: ['平台商品', 'Listings'], kind: 'yesNo' },
    productId: {
      words: ['指定的商品', 'Given product'],
      kind: 'id',
      column: 'product_id',
      linked: true,
      few: true,
    },
    ids: { words: ['指定的 SKU', 'Given SKUs'], kind: 'ids', few: true },
  },
  columns: [
    {
      key: 'goods',
      words: ['商品 / 规格', 'Goods / spec'],
      page: { width: 'minmax(220px,300fr)', fixed: true },
    },
    {
      key: 'code',
      words: ['商家编码', 'Code'],
      page: { width: 'minmax(110px,140fr)', fixed: true, sort: 'code' },
      sheet: 20,
    },
    { key: 'productCode', words: ['货号', 'Product code'], sheet: 20 },
    { key: 'name', words: ['商品名', 'Name'], sheet: 40 },
    { key: 'spec', words: ['规格', 'Spec'], sheet: 20 },
    { key: 'category', words: ['分类 / 品牌', 'Category'], page: { width: 'minmax(90px,110fr)' } },
    { key: 'category', words: ['分类', 'Category'], sheet: 14 },
    { key: 'brand', words: ['品牌', 'Brand'], sheet: 14 },
    {
      key: 'barcodes',
      words: ['条码', 'Barcodes'],
      of: (row) => row.barcodes.join('; '),
      page: { width: 'minmax(124px,132fr)' },
      sheet: 30,
    },
    {
      key: 'weight',
      words: ['重量 g', 'Weight g'],
      of: (row) => row.weightG,
      page: { ...number, width: '86px' },
      sheet: 10,
    },
    {
      key: 'price',
      words: ['售价 ¥', 'Price ¥'],
      kind: 'money',
      of: (row) => row.priceFen,
      page: number,
      sheet: 12,
    },
    {
      key: 'reference',
      words: ['最低价 ¥', 'Lowest ¥'],
      kind: 'money',
      of: (row) => row.referenceFen,
      page: number,
      sheet: 12,
    },
    { key: 'isBundle', words: ['套餐', 'Bundle'], sheet: 8 },
    {
      key: 'listings',
      words: ['平台商品', 'Listings'],
      of: (row) => row.listingCount,
      page: { ...number, width: '82px' },
      sheet: 10,
    },
    {
      key: 'status',
      words: ['状态', 'Status'],
      of: (row) => (row.active ? 'active' : 'retired'),
      codes: { active: ['在用', 'In use'], retired: ['停用', 'Retired'] },
      sheet: 8,
    },
    { key: 'createdAt', words: ['建立时间', 'Made at'], kind: 'time', sheet: 20 },
    {
      key: 'updatedAt',
      words: ['修改时间', 'Changed at'],
      kind: 'time',
      page: { ...moment, sort: 'updatedAt' },
      sheet: 20,
    },
  ],
})

export const listingList = declareList<ListingRow>()({
  name: 'listings',
  path: '/listings',
  title: ['平台商品', 'Listings'],
  permission: 'catalog.read',
  summary: "The shops' listings",
  tab: 'unmatched',
  tabs: {
    unmatched: {
      words: ['未匹配', 'Unmatched'],
      groups: ['unmatched'],
      empty: {
        title: ['都匹配了', 'Everything is matched'],
        remedy: [
          '店铺里的商品每小时下载一次，编码对得上的自动匹配。',
          'Shops are read every hour; goods whose outer code is known are matched automatically.',
        ],
      },
    },
    matched: {
      words: ['已匹配', 'Matched'],
      groups: ['matched'],
      empty: {
        title: ['还没有匹配的平台商品', 'Nothing is matched yet'],
        remedy: ['在未匹配里按 M。', 'Press M under Unmatched.'],
      },
    },
    /** Group `gone`: listings that left their shop without a match. They need no work, so only this tab shows them. */
    all: { words: ['全部', 'All'], groups: ['unmatched', 'matched', 'gone'] },
  },
  sorts: ['createdAt', 'modifiedAt'],
  sort: '-createdAt',
  filters: {
    shop: { words: ['店铺', 'Shop'], kind: 'shops' },
    status: {
      words: ['状态', 'Status'],
      kind: 'choices',
      choices: listingStatusWords,
      facet: 'listingStatus',
    },
    how: { words: ['匹配方式', 'Matched how'], kind: 'choices', choices: matchWayWords, facet: 'matchedHow' },
    q: {
      words: ['搜索', 'Search'],
      kind: 'text',
      hint: ['标题、规格、商家编码、平台 ID', 'Title, spec, outer code or platform id'],
      few: true,
    },
    skuId: { words: ['指定的 SKU', 'Given SKU'], kind: 'id', column: 'sku_id', linked: true, few: true },
    ids: { words: ['指定的平台商品', 'Given listings'], kind: 'ids', few: true },
  },
  columns: [
    {
      key: 'goods',
      words: ['平台商品 / 规格', 'Listing / spec'],
      page: { width: 'minmax(200px,280fr)', fixed: true },
    },
    { key: 'title', words: ['平台商品', 'Listing'], sheet: 40 },
    { key: 'spec', words: ['规格', 'Spec'], sheet: 20 },
    { key: 'outer', words: ['商家编码', 'Outer code'], page: { width: 'minmax(110px,130fr)', fixed: true } },
    { key: 'outerSkuId', words: ['SKU 商家编码', 'Outer SKU code'], sheet: 20 },
    { key: 'outerItemId', words: ['商品商家编码', 'Outer item code'], sheet: 20 },
    { key: 'platform', words: ['平台', 'Platform'], kind: 'platform', sheet: 10 },
    { key: 'shop', words: ['店铺', 'Shop'], kind: 'shop', page: { width: 'minmax(110px,130fr)' }, sheet: 20 },
    {
      key: 'ids',
      words: ['平台 ID', 'Platform ids'],
      page: { width: 'minmax(116px,120fr)', only: 'normal' },
    },
    { key: 'itemId', words: ['平台商品 ID', 'Platform item'], sheet: 20 },
    { key: 'platformSkuId', words: ['平台 SKU ID', 'Platform SKU'], sheet: 20 },
    {
      key: 'status',
      words: ['状态', 'Status'],
      codes: listingStatusWords,
      page: { width: '108px' },
      sheet: 12,
    },
    {
      key: 'price',
      words: ['售价 ¥', 'Price ¥'],
      kind: 'money',
      of: (row) => row.priceFen,
      page: { ...number, width: '82px' },
      sheet: 12,
    },
    { key: 'quantity', words: ['平台库存', 'Stock there'], page: { ...number, width: '94px' }, sheet: 10 },
    { key: 'skuCode', words: ['匹配的 SKU', 'Matched SKU'], sheet: 20 },
    { key: 'skuName', words: ['SKU 商品名', 'SKU name'], sheet: 30 },
    { key: 'skuSpec', words: ['SKU 规格', 'SKU spec'], sheet: 20 },
    { key: 'matchedHow', words: ['匹配方式', 'Matched how'], codes: matchWayWords, sheet: 10 },
    { key: 'matchedBy', words: ['匹配人', 'Matched by'], sheet: 12 },
    { key: 'matchedAt', words: ['匹配时间', 'Matched at'], kind: 'time', sheet: 20 },
    { key: 'listedAt', words: ['上架时间', 'Listed at'], kind: 'time', sheet: 20 },
    {
      key: 'modifiedAt',
      words: ['修改时间', 'Modified at'],
      kind: 'time',
      page: { ...moment, sort: 'modifiedAt' },
      sheet: 20,
    },
  ],
})
