import { soon } from '../../ui/base/soon.tsx'

// The code of these dialogs is loaded separately, so that the list does not wait for it.

export const addGiftDialog = soon(() => import('./add-gift-dialog-page.tsx'))
export const blacklistDialog = soon(() => import('./blacklist-dialog-page.tsx'))
export const removeGiftDialog = soon(() => import('./remove-gift-dialog-page.tsx'))
export const splitDialog = soon(() => import('./split-how-dialog-page.tsx'))
export const substituteDialog = soon(() => import('./substitute-dialog-page.tsx'))
