/** API writes that no press makes yet, by reason. The list may only shrink: a pressed one must be removed. */
export const notPressed: Record<string, readonly string[]> = {
  'signing in and out: e2e/start.browser.test.ts and server/users/*.test.ts': [
    'DELETE /me/sessions',
    'DELETE /me/sessions/:id',
    'DELETE /users/:id/sessions',
    'DELETE /users/:id/two-factor',
    'POST /me/password',
    'POST /me/two-factor',
    'POST /me/two-factor/confirm',
    'POST /me/two-factor/disable',
    'POST /password',
    'POST /setup',
    'POST /sign-in',
    'POST /sign-in/code',
  ],
  'pressed with the manual in hand: e2e/manual.browser.test.ts': [
    'DELETE /tasks/:id',
    'POST /shops/:id/session-key',
    'POST /tasks',
  ],
  'for programs: no page asks for it': [
    'PATCH /views/:id',
    'POST /parcel-news/:hook',
    'POST /push/:platform/:appKey',
    'POST /products',
    'POST /products/retire',
    'POST /stock-documents/import',
    'POST /task-runs/:id/stop',
  ],
  'the platform has to name its reasons, and none is here: e2e/refunds.browser.test.ts': [
    'POST /aftersale/refuse',
    'POST /staged-refunds/:id/refuse',
  ],
  'the platform has to answer: e2e/start.browser.test.ts': ['POST /shops/:id/verify'],
  'the platform has to name its branches: e2e/waybills.browser.test.ts': ['POST /waybill-accounts'],
  'an account at 快递100 has to be there: e2e/kuaidi100.browser.test.ts': [
    'POST /waybill-accounts/:id/tracking',
  ],
  'a scanner types into the whole screen: e2e/station.browser.test.ts': [
    'POST /stations/aside',
    'POST /stations/recount',
    'POST /stations/scan',
    'POST /stations/weigh',
  ],
  'a wave has to be on its way: e2e/waves.browser.test.ts': [
    'POST /waves/:id/pick',
    'POST /waves/:id/short',
    'POST /waves/:id/sort',
    'POST /waves/cancel',
    'POST /waves/claim',
    'POST /waves/cut',
    'POST /waves/hand-over',
    'POST /waves/pick-rest',
    'POST /waves/plan',
    'PUT /wave-rules',
  ],
  'a scanner types into a phone: e2e/phone.browser.test.ts': [
    'POST /count-tasks/:id/count',
    'POST /put-away',
  ],
  'a print client has to be there: e2e/waybills.browser.test.ts': [
    'POST /print-jobs',
    'POST /print-jobs/:id/next',
    'POST /print-jobs/:id/settle',
    'POST /print-jobs/:id/stop',
  ],
  'in a form beside its preview: e2e/papers.browser.test.ts': [
    'DELETE /paper-templates/:id',
    'POST /paper-templates',
    'POST /papers/:id/reveal',
    'PUT /waybill-accounts/:id/custom-area',
  ],
  'numbers and a print client have to be there: e2e/print-desk.browser.test.ts': [
    'POST /deliveries/:id/label',
    'POST /number-runs/stop',
    'POST /print-jobs/whole',
  ],
}

/** Buttons that are seen but not yet pressed by their name. */
export const notNamed: readonly string[] = [
  '/aftersale/refuse',
  '/bin-labels',
  '/goods-labels',
  '/papers',
  '/deliveries labels-and-papers',
  '/print-desk all-numbers',
  '/print-jobs',
  '/returns receive',
  '/staged-refunds refuse',
]
