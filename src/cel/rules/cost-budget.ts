/** What all rules on one object may cost together. */
export type Budget = { left: number; exhausted: boolean }

export const outOfBudget =
  'validation failed due to running out of cost budget, no further validation rules will be run'
