import { soon } from '../../ui/base/soon.tsx'

// Dialogs in which a SKU is picked: code of their own, which the list does not wait for.

export const substituteDialog = soon(() => import('./substitute-dialog-page.tsx'))
export const addGiftDialog = soon(() => import('./add-gift-dialog-page.tsx'))
export const removeGiftDialog = soon(() => import('./remove-gift-dialog-page.tsx'))
