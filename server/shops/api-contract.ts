import {
  authorizeAnswer,
  connectorList,
  credentialsInput,
  identityOut,
  newShopInput,
  sessionKeyInput,
  shopDetail,
  shopList,
  shopNames,
  shopPatch,
} from './contract.ts'

/** What each request of this slice takes and answers: the pages' requests are typed by it. */
export const shopsApi = {
  'GET /connectors': { response: connectorList },
  'GET /shop-names': { response: shopNames },
  'GET /shops': { response: shopList },
  'GET /shops/:id': { response: shopDetail },
  'PATCH /shops/:id': { body: shopPatch, response: shopDetail },
  'POST /shops': { body: newShopInput, response: shopDetail },
  'POST /shops/:id/authorize': { response: authorizeAnswer },
  'POST /shops/:id/session-key': { body: sessionKeyInput, response: identityOut },
  'POST /shops/:id/verify': { response: identityOut },
  'PUT /shops/:id/credentials': { body: credentialsInput, response: shopDetail },
}
