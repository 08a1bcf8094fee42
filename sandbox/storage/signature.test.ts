import assert from 'node:assert/strict'
import { test } from 'node:test'
import { whyNotSigned } from './signature.ts'

// The examples of "Signature Calculations for the Authorization Header" of Amazon S3's API reference, with the key and signatures printed there.
const key = { id: 'AKIAIOSFODNN7EXAMPLE', secret: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' }
const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
const host = 'examplebucket.s3.amazonaws.com'
const credential = `AWS4-HMAC-SHA256 Credential=${key.id}/20130524/us-east-1/s3/aws4_request`
const base = { host, 'x-amz-content-sha256': empty, 'x-amz-date': '20130524T000000Z' }

const get = {
  method: 'GET',
  path: '/test.txt',
  query: '',
  headers: {
    ...base,
    range: 'bytes=0-9',
    authorization: `${credential},SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41`,
  },
}
const put = {
  method: 'PUT',
  path: '/test%24file.text',
  query: '',
  headers: {
    ...base,
    date: 'Fri, 24 May 2013 00:00:00 GMT',
    'x-amz-storage-class': 'REDUCED_REDUNDANCY',
    'x-amz-content-sha256': '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072',
    authorization: `${credential},SignedHeaders=date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class,Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd`,
  },
}
const list = {
  method: 'GET',
  path: '/',
  query: 'max-keys=2&prefix=J',
  headers: {
    ...base,
    authorization: `${credential},SignedHeaders=host;x-amz-content-sha256;x-amz-date,Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7`,
  },
}
const lifecycle = {
  method: 'GET',
  path: '/',
  query: 'lifecycle',
  headers: {
    ...base,
    authorization: `${credential},SignedHeaders=host;x-amz-content-sha256;x-amz-date,Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543`,
  },
}

test('the published examples are signed', () => {
  for (const example of [get, put, list, lifecycle]) assert.equal(whyNotSigned(example, key), undefined)
})

test('another secret, another path, another checksum and an unsigned header are refused', () => {
  assert.equal(whyNotSigned(get, { ...key, secret: 'other' }), 'SignatureDoesNotMatch')
  assert.equal(whyNotSigned({ ...get, path: '/other.txt' }, key), 'SignatureDoesNotMatch')
  const headers = { ...get.headers, 'x-amz-content-sha256': '0'.repeat(64) }
  assert.equal(whyNotSigned({ ...get, headers }, key), 'SignatureDoesNotMatch')
  assert.equal(
    whyNotSigned({ ...get, headers: { ...get.headers, 'x-amz-acl': 'public-read' } }, key),
    'AccessDenied',
  )
  assert.equal(whyNotSigned(get, { ...key, id: 'other' }), 'InvalidAccessKeyId')
  assert.equal(whyNotSigned({ ...get, headers: base }, key), 'AccessDenied')
})
