import assert from 'node:assert/strict'
import { test } from 'node:test'
import { popSign } from '../pinduoduo/gateway.ts'
import { signBase, topSign } from './sign.ts'

const official = new Map([
  ['method', 'taobao.item.seller.get'],
  ['app_key', '12345678'],
  ['session', 'test'],
  ['timestamp', '2016-01-01 12:00:00'],
  ['format', 'json'],
  ['v', '2.0'],
  ['sign_method', 'md5'],
  ['fields', 'num_iid,title,nick,price,num'],
  ['num_iid', '11223344'],
])

test('signs the official example of document 101617 as published', () => {
  assert.equal(topSign(official, 'helloworld', 'md5'), '66987CB115214E59E6EC978214934FB8')
})

test('signs the official example of 2013 as published', () => {
  const params = new Map([
    ['method', 'taobao.user.seller.get'],
    ['timestamp', '2013-05-06 13:52:03'],
    ['format', 'xml'],
    ['app_key', 'test'],
    ['v', '2.0'],
    ['fields', 'nick'],
    ['sign_method', 'md5'],
    ['session', 'test'],
  ])
  assert.equal(topSign(params, 'test', 'md5'), '72CB4D809B375A54502C09360D879C64')
})

test('signs with both hmac methods over the bare base', () => {
  const hmac = new Map([...official, ['sign_method', 'hmac']])
  assert.equal(topSign(hmac, 'helloworld', 'hmac'), 'D56D7858309C31B6251083A874D48273')
  const sha = new Map([...official, ['sign_method', 'hmac-sha256']])
  assert.equal(
    topSign(sha, 'helloworld', 'hmac-sha256'),
    '04DB15AD0774D5CFCE2C837DE43E3FCEA9011ED74F3038FB6AB5F3C4CEA119E8',
  )
  assert.equal(topSign(official, 'helloworld', 'sha1'), undefined)
})

test('leaves the sign and empty values out of the base and sorts names by bytes', () => {
  const params = new Map([
    ['foobar', '3'],
    ['foo', '1'],
    ['foo_bar', '2'],
    ['empty', ''],
    ['sign', 'X'],
  ])
  assert.equal(signBase(params), 'foo1foo_bar2foobar3')
})

test('signs the official Pinduoduo example as published', () => {
  const params = new Map([
    ['access_token', 'asd78172s8ds9a921j9qqwda12312w1w21211'],
    ['client_id', '1'],
    ['data_type', 'XML'],
    ['order_status', '1'],
    ['page', '1'],
    ['page_size', '10'],
    ['timestamp', '1480411125'],
    ['type', 'pdd.order.number.list.get'],
  ])
  assert.equal(popSign(params, 'testSecret'), 'E4DE3ED21002510DED352819E7AE6775')
})
