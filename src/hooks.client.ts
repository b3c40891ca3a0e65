import { base } from '$app/paths';
import { allowTrustedTypes } from '$lib/trusted-types.ts';

allowTrustedTypes(base);
