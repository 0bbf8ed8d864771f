/** Six digits as they are read aloud: 123 456. */
export const inThrees = (digits: string): string => digits.match(/.{1,3}/g)?.join(" ") ?? digits;
