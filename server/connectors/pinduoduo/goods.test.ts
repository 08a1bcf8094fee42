import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { PlatformError } from '../../lib/platform-error.ts'
import { goneOf, shipFailureOf } from './errors.ts'
import { parseGoods } from './goods.ts'

const goods = {
  goods_id: 863369485,
  goods_name: '抱枕',
  thumb_url: 'https://img.example/t.jpg',
  image_url: 'https://img.example/i.jpg',
  is_more_sku: 1,
  goods_quantity: 40,
  is_onsale: 1,
  sku_list: [
    {
      sku_id: 13182332985,
      spec: '雾蓝,45×45cm',
      sku_quantity: 30,
      outer_id: 'BZ-01',
      outer_goods_id: 'BZ',
      is_sku_onsale: 1,
    },
    { sku_id: '13182332986', spec: '燕麦', sku_quantity: '10', outer_id: '', is_sku_onsale: 0 },
  ],
}

describe('goods of Pinduoduo', () => {
  it('are a listing for each SKU, without the price that the list does not tell', () => {
    assert.deepEqual(parseGoods(goods), [
      {
        itemId: '863369485',
        platformSkuId: '13182332985',
        outerItemId: 'BZ',
        outerSkuId: 'BZ-01',
        title: '抱枕',
        spec: '雾蓝 / 45×45cm',
        pictureUrl: 'https://img.example/t.jpg',
        priceFen: null,
        quantity: 30,
        status: 'on_sale',
        modifiedAt: null,
      },
      {
        itemId: '863369485',
        platformSkuId: '13182332986',
        outerItemId: '',
        outerSkuId: '',
        title: '抱枕',
        spec: '燕麦',
        pictureUrl: 'https://img.example/t.jpg',
        priceFen: null,
        quantity: 10,
        status: 'in_stock',
        modifiedAt: null,
      },
    ])
    assert.deepEqual(
      parseGoods({ ...goods, is_onsale: 0, sku_list: [] }).map((item) => !('kind' in item) && item),
      [
        {
          itemId: '863369485',
          platformSkuId: '',
          outerItemId: '',
          outerSkuId: '',
          title: '抱枕',
          spec: '',
          pictureUrl: 'https://img.example/t.jpg',
          priceFen: null,
          quantity: 40,
          status: 'in_stock',
          modifiedAt: null,
        },
      ],
    )
  })

  it('are parked when a number is missing', () => {
    const reasons = (value: unknown) => parseGoods(value).map((item) => 'kind' in item && item.reason)
    assert.deepEqual(reasons({ ...goods, goods_id: 0 }), ['no goods_id'])
    assert.deepEqual(reasons({ ...goods, sku_list: [{ spec: 'x' }] }), ['a SKU without sku_id'])
    assert.deepEqual(reasons(null), ['no goods_id'])
  })
})

describe('words of Pinduoduo', () => {
  it('say why an order is not shipped; for whether it is shipped the order is asked', () => {
    const meaning = (message: string, code = '50001') =>
      shipFailureOf(new PlatformError('rejected', code, `${code} · 业务服务错误 · ${message}`))
    assert.equal(meaning('订单售后处理中，无法发货'), 'refund_open')
    assert.equal(meaning('快递单号格式不正确'), 'waybill_invalid')
    assert.equal(meaning('快递公司编号不存在或不支持'), 'courier_code')
    assert.equal(meaning('order_sn不能为空', '10000'), 'parameter')
    assert.equal(meaning('订单已发货，请勿重复发货'), undefined)
    assert.equal(meaning('订单状态不允许发货'), undefined)
  })

  it('say what is gone', () => {
    const gone = (message: string, code = '50001') => goneOf(new PlatformError('rejected', code, message))
    assert.deepEqual(
      [gone('商品不存在'), gone('sku不存在'), gone('库存不能小于0'), gone('商品不存在', '10001')],
      ['item', 'sku', 'no', 'no'],
    )
  })
})
