/** Writes of the API that no press makes yet, by why. A list that may only shrink: whatever is pressed must leave it. */
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
    'POST /products/retire',
    'POST /stock-documents/import',
    'POST /task-runs/:id/stop',
  ],
  'the platform has to name its reasons, and none is here: e2e/refunds.browser.test.ts': [
    'POST /staged-refunds/:id/refuse',
  ],
  'not reached yet': [
    'PATCH /views/:id',
    'POST /aftersale/refuse',
    'POST /api-keys',
    'POST /batches/:id/retry',
    'POST /batches/:id/stop',
    'POST /orders/gifts',
    'POST /parked-items/retry',
    'POST /products',
    'POST /returns/tell-again',
    'POST /shops',
    'POST /shops/:id/authorize',
    'POST /shops/:id/verify',
    'POST /stock-uploads/resync',
    'PUT /shops/:id/credentials',
  ],
}

/** Buttons that are seen on the way and not pressed by their name yet. */
export const notNamed: readonly string[] = [
  '/aftersale/refuse',
  '/keys add',
  '/orders/gifts',
  '/parked-items/retry',
  '/returns receive',
  '/returns/tell-again',
  '/staged-refunds convert-all',
  '/staged-refunds refuse',
  '/staged-trades convert-all',
  '/stock-uploads/resync',
]
